//! The behaviours, a file for each kind. Each leaves what it wrote and looks only at that, so that the suite can run against
//! a system that has data.

use anyhow::Result;
use futures::future::LocalBoxFuture;

use crate::{System, Verdict};

mod business;
mod documents;
mod events;
mod lists;
mod load;
mod missing;
mod orders;
mod problems;
mod refusals;
mod traces;
mod webhooks;

/// A promise that is kept on every host.
#[derive(Clone, Copy)]
pub struct Behaviour {
    /// What is promised.
    pub name: &'static str,
    pub check: for<'a> fn(&'a System) -> LocalBoxFuture<'a, Result<Verdict>>,
}

impl std::fmt::Debug for Behaviour {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

macro_rules! behaviours {
    ($($module:ident::$name:ident,)*) => {
        /// All of them.
        pub const BEHAVIOURS: &[Behaviour] = &[
            $(Behaviour { name: stringify!($name), check: |system| Box::pin($module::$name(system)) },)*
        ];
    };
}

behaviours! {
    orders::the_services_are_healthy,
    orders::an_accepted_order_is_answered_as_it_is_kept,
    orders::an_accepted_order_is_invoiced,
    orders::an_order_is_a_row_and_its_event_goes_when_it_is_delivered,
    refusals::an_order_that_breaks_a_rule_is_refused_and_not_written,
    refusals::a_body_of_another_type_is_refused,
    refusals::what_is_at_the_edge_of_a_rule_is_inside,
    refusals::an_expected_refusal_is_no_error_of_the_database,
    missing::what_does_not_exist_is_not_found,
    missing::other_methods_are_not_allowed,
    lists::a_query_that_breaks_a_rule_is_refused,
    lists::lists_are_read_page_by_page_newest_first,
    events::an_event_is_taken_with_the_token_only,
    events::an_event_is_invoiced_once_however_often_it_is_delivered,
    events::an_event_of_the_replaced_system_is_taken,
    events::a_malformed_event_is_refused_and_takes_no_number,
    events::numbers_have_no_gap_however_deliveries_race,
    orders::the_services_describe_themselves,
    business::a_customer_is_made_changed_and_billed,
    business::an_order_of_lines_is_paid_canceled_and_credited,
    business::each_seller_issues_with_numbers_of_its_own,
    business::a_request_with_a_key_has_its_effect_once,
    business::a_customer_is_made_once_however_requests_with_one_key_race,
    webhooks::invoice_events_are_written_for_registered_endpoints,
    documents::an_invoice_is_a_page_a_pdf_and_ubl,
    documents::documents_are_in_the_reader_s_language,
    documents::an_impossible_document_is_refused_with_the_alternatives,
    documents::a_canceled_order_has_a_credit_note_with_documents_of_its_own,
    load::orders_over_many_connections_are_all_invoiced,
    traces::an_order_is_one_trace_to_its_invoice,
}
