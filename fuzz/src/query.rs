//! The query of a list, and its cursor.

use std::collections::HashSet;

use orders::fuzzing::OrdersQuery;
use uuid::Uuid;
use waybill_service::fields::Fields as _;
use waybill_service::page::{MAX_LIMIT, PageQuery, PageRequest};
use waybill_service::{Problem, rules};

const NAMES: [&str; 6] = ["limit", "cursor", "customerId", "status", "createdFrom", "createdTo"];

/// The most faults that an answer names: those of the known names, and the first few unknown ones.
const MAX_FAULTS: usize = 2 * NAMES.len() + 10;

pub fn check(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    let pairs: Vec<_> = form_urlencoded::parse(data).collect();
    let names: HashSet<&str> = pairs.iter().map(|(name, _)| name.as_ref()).collect();
    match OrdersQuery::from_query(Some(query)) {
        Ok(_) => {
            assert!(names.iter().all(|name| NAMES.contains(name)));
            assert_eq!(names.len(), pairs.len(), "a repeated parameter is a fault");
        }
        Err(faults) => {
            let problem = Problem::from(faults);
            assert_eq!(problem.status(), 422);
            assert!((1..=MAX_FAULTS).contains(&problem.errors().len()), "{} faults", problem.errors().len());
            serde_json::from_slice::<serde_json::Value>(problem.into_response().body()).unwrap();
        }
    }
    if let Ok(page) = PageQuery::from_query(Some(query)) {
        let page = PageRequest::from(page);
        assert!((2..=i64::from(MAX_LIMIT) + 1).contains(&page.limit()));
        follow(page);
    }
    if let Some(id) = rules::uuid(query) {
        assert_eq!(id.to_string(), query.to_ascii_lowercase());
    }
}

/// The cursor that a page gives is the one that leads to the next page.
fn follow(page: PageRequest) {
    let mut rows: Vec<String> = (1..=u128::try_from(page.limit()).unwrap())
        .map(|row| Uuid::from_u128(page.below().as_u128() ^ row).to_string())
        .collect();
    let next = page.cut(&mut rows, |row| row);
    assert_eq!(i64::try_from(rows.len()).unwrap(), page.limit() - 1);
    let cursor = serde_json::to_value(&next).unwrap();
    let query = format!("limit={}&cursor={}", page.limit() - 1, cursor.as_str().unwrap());
    let after = PageRequest::from(PageQuery::from_query(Some(&query)).unwrap());
    assert_eq!(Some(&after.below().to_string()), rows.last());
    assert_eq!(after.limit(), page.limit());
}
