//! Every document that the tests issue is valid by the official rules, in the syntaxes in which it is offered.

use serde_json::Value;
use waybill_tests::ensure_valid;

use crate::TestEnv;
use crate::support::{get, send};

/// The formats that a document is asked for. The first is by Peppol's rules where its parties have an address in that network.
pub const FORMATS: [&str; 3] =
    ["application/xml", "application/xml;profile=en16931", "application/xml;syntax=cii"];

/// The most documents of a kind that are checked.
const NEWEST: usize = 20;

impl TestEnv {
    /// Checks the newest documents of the database, and returns how many electronic invoices they are. Where the validators are not
    /// installed, they are made and not checked.
    pub async fn check_electronic_invoices(&self) -> usize {
        let mut written = 0;
        for (list, member) in [("invoices", "invoices"), ("credit-notes", "creditNotes")] {
            let listed = send(&self.http, get(&format!("/{list}?limit={NEWEST}")), "").await.json();
            for document in listed[member].as_array().unwrap() {
                written += self.check_formats(list, document).await;
            }
        }
        written
    }

    async fn check_formats(&self, list: &str, document: &Value) -> usize {
        let path = format!("/{list}/{}", document["id"].as_str().unwrap());
        let mut written = 0;
        for accept in FORMATS {
            let answer = send(&self.http, get(&path).header("accept", accept), "").await;
            if answer.status == 406 {
                // A seller abroad who has no number for its taxes.
                assert!(answer.body.contains("BT-31"), "{accept} of {document}: {}", answer.body);
                continue;
            }
            assert_eq!(answer.status, 200, "{accept} of {document}: {}", answer.body);
            ensure_valid(&answer.body).unwrap();
            written += 1;
        }
        written
    }
}
