//! What is not there, and what cannot be done with what is there.

use anyhow::{Context, Result, ensure};
use hyper::Method;

use super::problems::refused;
use crate::{System, Verdict};

const ORDER: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";
const INVOICE: &str = "/invoices/01890a5d-ac96-774b-bcce-b302099a8057";
const NOTE: &str = "/credit-notes/01890a5d-ac96-774b-bcce-b302099a8057";

pub async fn what_does_not_exist_is_not_found(system: &System) -> Result<Verdict> {
    let orders = system.orders_entries().map(|entry| (entry, [ORDER, "/orders/1", "/orders/1/2"]));
    let invoices = system.invoices_entries().map(|entry| (entry, [INVOICE, "/invoices/1", "/invoices/1/2"]));
    let notes =
        system.invoices_entries().map(|entry| (entry, [NOTE, "/credit-notes/1", "/credit-notes/1/2"]));
    for (entry, paths) in orders.chain(invoices).chain(notes) {
        for path in paths {
            refused(&entry.get(path).await?, 404, "").context(path)?;
        }
    }
    Ok(Verdict::Kept)
}

pub async fn other_methods_are_not_allowed(system: &System) -> Result<Verdict> {
    let not_allowed = [
        (&system.orders, Method::DELETE, "/orders", "POST"),
        (&system.orders, Method::PUT, "/orders", "GET"),
        (&system.orders, Method::PATCH, ORDER, "GET"),
        (&system.orders, Method::DELETE, ORDER, "GET"),
        (&system.invoices, Method::POST, "/invoices", "GET"),
        (&system.invoices, Method::DELETE, INVOICE, "GET"),
        (&system.invoices, Method::POST, "/credit-notes", "GET"),
        (&system.invoices, Method::PUT, "/events", "POST"),
    ];
    for (service, method, path, allowed) in not_allowed {
        let what = format!("{method} {path}");
        // The gateway has no /events.
        let entries = [Some(service), system.gateway.as_ref().filter(|_| path != "/events")];
        for entry in entries.into_iter().flatten() {
            let headers = [("content-type", "application/json")];
            let answer = entry.send(method.clone(), path, &headers, "{}").await?;
            refused(&answer, 405, "").with_context(|| what.clone())?;
            let allow = answer.header("allow").unwrap_or_default();
            ensure!(allow.split(',').any(|method| method.trim() == allowed), "{what}: Allow: {allow:?}");
        }
    }
    Ok(Verdict::Kept)
}
