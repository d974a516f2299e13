//! The memory that strangers can make Waybill use: bounded together, and returned. `docs/limits.md` has the sum.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::{join_all, try_join_all};
use hyper::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use waybill_tests::{Http, MemoryGroup, Waybill, eventually, raw};

use crate::TestEnv;
use crate::limits::{open, others_are_served, own_memory_mib};
use crate::machine::Turn;

/// That of a container of docker-compose.yml.
pub(crate) const MEMORY_MIB: u64 = 256;

/// How long memory may take to be returned.
pub(crate) const RETURN_TIME: Duration = Duration::from_mins(1);

/// How much more memory of its own than before a process may keep after an attack: the latest traces and timelines, instances of both
/// services for the next request, and what the allocator cannot return.
pub(crate) const REMAINS_MIB: u64 = 64;

/// Clients that read nothing of a large answer.
const READERS: usize = 16;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn all_that_strangers_send_fits_into_the_memory_of_a_container() -> Result<()> {
    let _turn = Turn::exclusive();
    let env = TestEnv::servers().await?;
    let container = MemoryGroup::of(MEMORY_MIB << 20);
    let waybill = Waybill::start(&env.config().admin().within(container.as_ref())).await?;
    let before = own_memory_mib(&waybill)?;
    bill_long_orders(&waybill.orders, 100).await?;
    waybill.invoices.answers("/invoices?limit=100", 200).await?;
    eventually("100 invoices", RETURN_TIME, async || {
        let list = waybill.invoices.get("/invoices?limit=100").await?.json()?;
        Ok((list["invoices"].as_array().is_some_and(|list| list.len() == 100)).then_some(()))
    })
    .await?;
    let authority = waybill.gateway.authority().to_owned();
    let head = format!("GET /orders HTTP/1.1\r\nHost: localhost\r\nX-A: {}", "a".repeat(30_000));
    let body = format!(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n{}",
        " ".repeat(60_000)
    );
    let heads = open(&authority, 1_000, head.as_bytes()).await?;
    let bodies = open(&authority, 1_000, body.as_bytes()).await?;
    let idle = open(&authority, 2_500, b"").await?;
    let lists = join_all((0..24).map(|_| waybill.gateway.get("/invoices?limit=100")));
    let (lists, served) = tokio::join!(lists, others_are_served(&waybill));
    served?;
    let mut answered = 0;
    for list in lists {
        let list = list?;
        answered += usize::from(list.status == 200);
        ensure!(list.status == 200 || list.header("retry-after").is_some(), "{}", list.status);
    }
    ensure!(answered >= 3, "{answered} of 24 lists");
    let peak = waybill.peak_memory_kib()? >> 10;
    println!("{before} MiB before, {peak} at the highest with its program, {answered} lists");
    was_enough(container.as_ref(), peak)?;
    drop((heads, bodies, idle));
    eventually("memory is returned", RETURN_TIME, async || {
        let now = own_memory_mib(&waybill)?;
        ensure!(now < before + REMAINS_MIB, "{now} MiB");
        Ok(Some(()))
    })
    .await
}

/// Whether a container's memory was enough: nothing was killed in it. Where there is no control group, the most resident memory is
/// compared, of which the kernel could have taken back what it has read from files.
pub(crate) fn was_enough(container: Option<&MemoryGroup>, peak: u64) -> Result<()> {
    match container {
        Some(container) => {
            let kills = container.kills()?;
            ensure!(kills == 0, "{kills} processes were killed beyond {MEMORY_MIB} MiB");
        }
        None => ensure!(peak < MEMORY_MIB, "{peak} MiB"),
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_reads_no_large_answer_is_disconnected() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    bill_long_orders(&waybill.orders, 100).await?;
    let request = b"GET /orders?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let before = open_files(&waybill)?;
    let readers = open(waybill.gateway.authority(), READERS, request).await?;
    eventually("all readers are connected", RETURN_TIME, async || {
        Ok((open_files(&waybill)? >= before + READERS).then_some(()))
    })
    .await?;
    others_are_served(&waybill).await?;
    // The clients' side stays open: only the server can end these connections.
    eventually("readers are disconnected", RETURN_TIME, async || {
        let open = open_files(&waybill)?;
        ensure!(open < before + READERS / 2, "{open} files are open, {before} before");
        Ok(Some(()))
    })
    .await?;
    drop(readers);
    Ok(())
}

fn open_files(waybill: &Waybill) -> Result<usize> {
    Ok(std::fs::read_dir(format!("/proc/{}/fd", waybill.id()?))?.count())
}

#[tokio::test]
async fn refused_callers_choose_no_trace_and_fill_no_memory() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().argument("--key-check").argument("required")).await?;
    waybill.orders.get("/orders").await?.expect(401)?;
    let before = own_memory_mib(&waybill)?;
    let requests = 4_000;
    try_join_all((0..8).map(|client| refused_requests(&waybill.orders, client, requests / 8))).await?;
    waybill.idle().await?;
    let grown = own_memory_mib(&waybill)?.saturating_sub(before);
    println!("{requests} refused requests took {grown} MiB");
    ensure!(grown < 48, "{requests} refused requests took {grown} MiB");

    // What needs no key is answered, in a trace of its own.
    let named = format!("00-{TRACE}-b7ad6b7169203331-01");
    let headers = [("traceparent", named.as_str()), ("authorization", "Bearer invented")];
    waybill.invoices.send(Method::POST, "/events", &headers, "{}").await?.expect(401)?;
    for open in ["/health", "/openapi.json", "/docs"] {
        waybill.orders.send(Method::GET, open, &headers[..1], "").await?;
    }

    let traces = waybill.address("traces")?;
    ensure!(
        traces.get(&format!("/trace/{TRACE}")).await?.status == 404,
        "a refused caller's trace is adopted"
    );
    // They are traced all the same, with a path that is cut.
    let list = traces.get("/api/traces?service=orders&limit=1").await?.json()?;
    let tags = list["data"][0]["spans"][0]["tags"].as_array().context("no tags")?.clone();
    let path = tags.iter().find(|tag| tag["key"] == "url.path").context("no path")?;
    ensure!(path["value"].as_str().is_some_and(|path| path.len() <= 2_048 && path.ends_with('…')), "{path}");
    let longest = waybill.log().lines().map(str::len).max().unwrap_or(0);
    ensure!(longest < 10_000, "a log line has {longest} bytes");
    Ok(())
}

/// Sends requests without a key on one connection, with long paths and with trace identifiers of the caller's choice.
async fn refused_requests(entry: &Http, client: usize, count: usize) -> Result<()> {
    let mut stream = raw::connect(entry.authority()).await?;
    let path = "a".repeat(30_000);
    for number in 0..count {
        let trace =
            if number % 2 == 0 { TRACE.to_owned() } else { format!("{client:08x}{:024x}", number + 1) };
        let request = format!(
            "GET /orders/{path} HTTP/1.1\r\nHost: localhost\r\ntraceparent: 00-{trace}-b7ad6b7169203331-01\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        raw::read_answer(&mut stream).await?.expect(401)?;
    }
    Ok(())
}

/// Places orders whose requests are about as long as they may be.
async fn bill_long_orders(orders: &Http, count: usize) -> Result<()> {
    let line = json!({
        "sku": "s", "description": "x".repeat(200), "quantity": 1, "unitPrice": 100, "taxRateBasisPoints": 1900,
    });
    let body = json!({"lines": vec![line; 200]}).to_string();
    let headers = [("content-type", "application/json")];
    for _ in 0..count {
        orders.send(Method::POST, "/orders", &headers, body.clone()).await?.expect(201)?;
    }
    Ok(())
}
