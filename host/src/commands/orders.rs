//! `waybill orders`: places and shows orders, by the API.

use std::path::Path;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::json;
use uuid::Uuid;

use super::service_settings::{print, read};
use crate::api_client::ApiClient;
use crate::output;
use crate::settings::{ListSettings, OrdersSettings};

/// The most rows of one page.
const PAGE: u32 = 100;

/// Runs `waybill orders`.
pub async fn run(settings: OrdersSettings) -> anyhow::Result<()> {
    match settings {
        OrdersSettings::Place { order: new, customer_id, idempotency_key, client } => {
            let order = order(new.file.as_deref(), new.amount, customer_id)?;
            let key = idempotency_key.unwrap_or_else(|| Uuid::now_v7().to_string());
            let key = HeaderValue::from_str(&key).context(
                "--idempotency-key has characters that a header cannot carry; use letters and digits",
            )?;
            let again = format!(
                "it is not known whether the order was placed; to send it again as one order, add --idempotency-key {}",
                key.to_str().unwrap_or_default()
            );
            let placed = ApiClient::new(&client)?.post("/orders", key, order, &again).await?;
            print(&placed.json()?)
        }
        OrdersSettings::List(list) => list_rows(&list, "/orders", "orders", "").await,
        OrdersSettings::Show { id, client } => {
            let client = ApiClient::new(&client)?;
            print(&client.get(&format!("/orders/{id}"), HeaderMap::new()).await?.json()?)
        }
    }
}

fn order(file: Option<&Path>, amount: Option<i64>, customer_id: Option<String>) -> anyhow::Result<Bytes> {
    let Some(file) = file else {
        let mut order = json!({ "amount": amount });
        if let Some(customer_id) = customer_id {
            order["customerId"] = customer_id.into();
        }
        return Ok(order.to_string().into());
    };
    read(file)
}

/// Prints the newest rows of a list, each on a line.
pub(super) async fn list_rows(
    list: &ListSettings,
    path: &str,
    rows: &str,
    filter: &str,
) -> anyhow::Result<()> {
    let client = ApiClient::new(&list.client)?;
    let (mut wanted, mut cursor) = (list.limit, String::new());
    while wanted > 0 {
        let target = format!("{path}?limit={}{filter}{cursor}", wanted.min(PAGE));
        let page = client.get(&target, HeaderMap::new()).await?.json()?;
        let Some(found) = page[rows].as_array() else {
            bail!("the answer has no {rows}: is this the address of Waybill?");
        };
        for row in found {
            output::line(row)?;
        }
        wanted = wanted.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        match page["nextCursor"].as_str() {
            Some(next) if !found.is_empty() => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use serde_json::Value;

    use super::*;

    #[test]
    fn an_order_is_of_its_flags_or_of_a_file_as_it_is() {
        let of = |customer: Option<&str>| -> Value {
            serde_json::from_slice(&order(None, Some(5000), customer.map(str::to_owned)).unwrap()).unwrap()
        };
        assert_eq!(of(None), json!({"amount": 5000}));
        assert_eq!(of(Some("acme")), json!({"amount": 5000, "customerId": "acme"}));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("order.json");
        std::fs::write(&file, "{ \"amount\": 1 }").unwrap();
        assert_eq!(order(Some(&file), None, None).unwrap(), "{ \"amount\": 1 }");
        assert!(order(Some(&folder.path().join("missing")), None, None).is_err());
    }
}
