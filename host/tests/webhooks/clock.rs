//! The database's clock is set back by an hour: rows have times that are still to come.

use http::StatusCode;
use uuid::Uuid;

use crate::support::number;
use crate::{TestEnv, relay};

const SET_BACK: &str = "UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at + interval '1 hour',
    postponed_at = postponed_at + interval '1 hour', leased_until = leased_until + interval '1 hour'";

#[tokio::test]
async fn what_was_never_tried_is_posted_whatever_the_clock_says_and_a_lease_from_before_ends() {
    let leased = "UPDATE webhook_deliveries SET leased_until = now() + interval '1 minute'";
    for before in ["SELECT", leased] {
        let env = TestEnv::new().await;
        env.endpoint(&["invoice.issued"]).await;
        env.event("order.created", Uuid::now_v7()).await;
        env.database.query_batch(before).await.unwrap();
        env.database.query_batch(SET_BACK).await.unwrap();
        assert_eq!(env.step().await, (1, 0), "{before}");
    }
}

#[tokio::test]
async fn a_wait_from_before_ends_and_one_that_the_receiver_asked_for_goes_on() {
    let env = TestEnv::new().await;
    env.endpoint(&["invoice.issued"]).await;
    env.event("order.created", Uuid::now_v7()).await;
    env.hooks.answer_next(StatusCode::SERVICE_UNAVAILABLE, Some(("retry-after", "36000")));
    assert_eq!(env.step().await, (0, 1));
    // As a version before this one leaves it: without the time at which the wait began.
    let of_before = "UPDATE webhook_deliveries SET postponed_at = NULL";
    for unchanged in ["SELECT", of_before] {
        env.database.query_batch(unchanged).await.unwrap();
        assert_eq!(relay(&env.database, true).step().await.unwrap().delivered, 0, "{unchanged}");
    }
    let wait = "SELECT extract(epoch FROM next_attempt_at - now())::bigint FROM webhook_deliveries";
    assert!((35_900..=36_000).contains(&number(&env.database, wait).await));
    env.database.query_batch("UPDATE webhook_deliveries SET postponed_at = now()").await.unwrap();
    env.database.query_batch(SET_BACK).await.unwrap();
    assert_eq!(relay(&env.database, true).step().await.unwrap().delivered, 1);
}
