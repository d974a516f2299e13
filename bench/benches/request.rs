//! What a request costs inside of this process, part by part: `cargo bench --package waybill-bench`, after
//! `cargo xtask components --wasip3`.
//!
//! Between the lines: `instantiate` is what a fresh instance adds, `http` what goes in and out (a route that does nothing), and
//! `sql` what rows cost on their way from the host to JSON. No network and no database take part.

use std::time::Duration;

use anyhow::Result;
use criterion::{Criterion, criterion_group, criterion_main};
use http::StatusCode;
use waybill::runtime::{Blueprint, Engine, HttpService, Limits};
use waybill_tests::{Wasi, component_bytes};

use self::case::{Case, SHOW};

mod case;

fn case(
    wasi: Wasi,
    requests_per_instance: usize,
    service: fn(Blueprint) -> Result<HttpService>,
) -> Result<Case> {
    let engine = Engine::new(Limits { requests_per_instance, ..Limits::default() });
    let component = engine.compile(&component_bytes(&wasi.component("orders")))?;
    Case::new(&engine, &component, service)
}

struct Cases {
    reused: Case,
    fresh: Case,
    by_wasi_http: Case,
    in_tasks: Case,
    in_tasks_by_wasi_http: Case,
}

fn cases() -> Result<Cases> {
    Ok(Cases {
        reused: case(Wasi::V0_2, 1_000, HttpService::new)?,
        fresh: case(Wasi::V0_2, 1, HttpService::new)?,
        by_wasi_http: case(Wasi::V0_2, 1_000, HttpService::by_wasi_http)?,
        in_tasks: case(Wasi::V0_3, 1_000, HttpService::new)?,
        in_tasks_by_wasi_http: case(Wasi::V0_3, 1_000, HttpService::by_wasi_http)?,
    })
}

fn requests(criterion: &mut Criterion) {
    let Cases { reused, fresh, by_wasi_http, in_tasks, in_tasks_by_wasi_http } =
        cases().expect("the components");
    let ask = |case: &Case, method, path, body, expected| {
        case.ask(method, path, body, expected).expect("an answer");
    };
    criterion.bench_function("http: one call", |bench| {
        bench.iter(|| ask(&reused, "GET", "/nothing", "", StatusCode::NOT_FOUND));
    });
    criterion.bench_function("http: wasi:http", |bench| {
        bench.iter(|| ask(&by_wasi_http, "GET", "/nothing", "", StatusCode::NOT_FOUND));
    });
    criterion.bench_function("http: one call, WASI 0.3", |bench| {
        bench.iter(|| ask(&in_tasks, "GET", "/nothing", "", StatusCode::NOT_FOUND));
    });
    criterion.bench_function("http: wasi:http, WASI 0.3", |bench| {
        bench.iter(|| ask(&in_tasks_by_wasi_http, "GET", "/nothing", "", StatusCode::NOT_FOUND));
    });
    criterion.bench_function("instantiate: one call, fresh instance", |bench| {
        bench.iter(|| ask(&fresh, "GET", "/nothing", "", StatusCode::NOT_FOUND));
    });
    criterion.bench_function("sql: one value", |bench| {
        bench.iter(|| ask(&reused, "GET", SHOW, "", StatusCode::OK));
    });
    criterion.bench_function("sql: a page of 100 rows of 8 columns", |bench| {
        bench.iter(|| ask(&reused, "GET", "/orders?limit=99", "", StatusCode::OK));
    });
    for (name, case) in [
        ("an order: 14 parameters", &reused),
        ("an order: WASI 0.3", &in_tasks),
        ("an order: wasi:http, WASI 0.3", &in_tasks_by_wasi_http),
    ] {
        criterion.bench_function(name, |bench| {
            bench.iter(|| ask(case, "POST", "/orders", r#"{"amount": 5000}"#, StatusCode::CREATED));
        });
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().measurement_time(Duration::from_secs(5)).without_plots();
    targets = requests
}
criterion_main!(all);
