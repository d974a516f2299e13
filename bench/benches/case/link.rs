//! A link that answers at once, as the statements of the services are answered.

use futures::future::BoxFuture;
use waybill::runtime::{PgValue, ResultRow, ResultRowEntry, Sql, SqlReply};

/// Rows of a page.
const PAGE: usize = 100;

/// A seller as invoices keep it.
const SELLER: &str = r#"{"name":"Papier Berlin GmbH","address":"Karl-Marx-Straße 1","city":"Berlin","zipCode":"12043","country":"DE","vatId":"DE136695976","email":"rechnung@example.com","contact":"Jo Muster","phone":"+49 30 123456","iban":"DE02120300000000202051","bic":"BYLADEM1001","amountTaxRateBasisPoints":1900,"paymentDays":14}"#;

pub struct Ready;

impl Sql for Ready {
    fn query<'a>(
        &'a self,
        statement: &'a str,
        _params: Vec<PgValue>,
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>> {
        let rows = if statement.contains("row_to_json") {
            let shown = r#"{"id":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d","amount":5000,"lines":[]}"#;
            vec![vec![entry("shown", text(shown))]]
        } else if statement.contains("INSERT INTO invoices") {
            vec![vec![entry("issued", PgValue::Int4(1)), entry("is_seller_current", PgValue::Bool(true))]]
        } else if statement.contains("INSERT") {
            let columns = ["is_customer_known", "is_customer_billable", "is_destination_known", "is_placed"];
            vec![columns.map(|column| entry(column, PgValue::Bool(true))).into()]
        } else if statement.contains("sellers_to_keep") {
            vec![vec![entry("seller", text(SELLER))]]
        } else {
            vec![order(); PAGE]
        };
        Box::pin(async move { Ok(Ok(rows)) })
    }

    fn query_batch<'a>(&'a self, _statements: &'a str) -> BoxFuture<'a, SqlReply<()>> {
        Box::pin(async { Ok(Ok(())) })
    }
}

fn entry(name: &str, value: PgValue) -> ResultRowEntry {
    ResultRowEntry { column_name: name.to_owned(), value }
}

fn text(text: &str) -> PgValue {
    PgValue::Text(text.to_owned())
}

fn order() -> ResultRow {
    vec![
        entry("id", text("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d")),
        entry("customer_id", text("1651654165")),
        entry("amount", PgValue::Int8(5000)),
        entry("currency", text("EUR")),
        entry("status", text("pending")),
        entry("version", PgValue::Int4(1)),
        entry("created_at", text("2026-01-01T00:00:00.000Z")),
        entry("lines", text("[]")),
    ]
}
