//! Which page of the documentation explains why a command ended.

use std::error::Error as StdError;
use std::fmt;

use tokio_postgres::error::SqlState;
use waybill_broker::BrokerError;
use waybill_contracts::documentation;
use waybill_postgres::ConnectError;

use crate::http::ListenError;
use crate::service_client::Refusal;
use crate::settings::setting_page;

/// What can end a command, or fail a check of `waybill doctor`: a section of `docs/troubleshooting.md` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Address,
    DatabaseUnreachable,
    DatabaseRefuses,
    DatabaseReadOnly,
    DatabaseUrl,
    Schema,
    LocalPostgres,
    Broker,
    Components,
    Services,
    NoDatabase,
}

impl Topic {
    pub const ALL: [Self; 11] = [
        Self::Address,
        Self::DatabaseUnreachable,
        Self::DatabaseRefuses,
        Self::DatabaseReadOnly,
        Self::DatabaseUrl,
        Self::Schema,
        Self::LocalPostgres,
        Self::Broker,
        Self::Components,
        Self::Services,
        Self::NoDatabase,
    ];

    /// The heading of its section, as addresses have it.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Address => "an-address-cannot-be-opened",
            Self::DatabaseUnreachable => "a-database-cannot-be-reached",
            Self::DatabaseRefuses => "a-database-refuses-the-account",
            Self::DatabaseReadOnly => "a-database-is-read-only",
            Self::DatabaseUrl => "a-database-url-is-wrong",
            Self::Schema => "a-database-has-another-schema",
            Self::LocalPostgres => "the-local-postgresql-does-not-start",
            Self::Broker => "rabbitmq-cannot-be-used",
            Self::Components => "a-component-is-missing",
            Self::Services => "the-services-cannot-be-reached",
            Self::NoDatabase => "there-is-no-database",
        }
    }

    /// The address of its section.
    pub fn page(self) -> String {
        documentation(&format!("troubleshooting.md#{}", self.heading()))
    }

    /// A sentence for a person about this.
    pub fn says(self, text: impl fmt::Display) -> Explained {
        Explained { topic: self, text: text.to_string() }
    }

    /// What an error is about, if a section explains it.
    pub fn of(error: &anyhow::Error) -> Option<Self> {
        // A context cannot be found among the causes.
        let explained = error.downcast_ref::<Explained>().map(|explained| explained.topic);
        explained.or_else(|| error.chain().find_map(of_cause))
    }
}

/// The address that explains an error: the section of what ended the command, that of the status which a service answered, or the row of
/// the first setting that the error names.
pub fn page(error: &anyhow::Error) -> Option<String> {
    if let Some(topic) = Topic::of(error) {
        return Some(topic.page());
    }
    match error.downcast_ref::<Refusal>() {
        Some(refusal) => refusal.help.clone(),
        None => setting_page(&format!("{error:#}")),
    }
}

/// A sentence that a section of the documentation explains; as an error, or as the context of one.
#[derive(Debug)]
pub struct Explained {
    topic: Topic,
    text: String,
}

impl fmt::Display for Explained {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl StdError for Explained {}

fn of_cause(cause: &(dyn StdError + 'static)) -> Option<Topic> {
    if cause.is::<ListenError>() {
        return Some(Topic::Address);
    }
    if cause.is::<waybill_local_postgres::Error>() {
        return Some(Topic::LocalPostgres);
    }
    if let Some(Explained { topic, .. }) = cause.downcast_ref() {
        return Some(*topic);
    }
    if let Some(error) = cause.downcast_ref::<BrokerError>() {
        return matches!(error, BrokerError::Unavailable(_) | BrokerError::Conflict { .. })
            .then_some(Topic::Broker);
    }
    Some(match cause.downcast_ref::<ConnectError>()? {
        ConnectError::BadUrl(_) => Topic::DatabaseUrl,
        ConnectError::ReadOnly { .. } => Topic::DatabaseReadOnly,
        ConnectError::Unreachable { source, .. } if is_refused(source.as_ref()) => Topic::DatabaseRefuses,
        ConnectError::Unreachable { .. } => Topic::DatabaseUnreachable,
    })
}

/// Whether the server answered, and took neither the account nor the name of the database.
fn is_refused(cause: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(cause);
    while let Some(error) = next {
        let code = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
        if let Some(code) = code {
            return code.code().starts_with("28") || *code == SqlState::INVALID_CATALOG_NAME;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::collections::BTreeSet;
    use std::fs;

    use anyhow::Context as _;

    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/troubleshooting.md");
    const CHAPTER: &str = "## A command ends with an error\n";

    /// Each topic has its section, and each section there is that of a topic.
    #[test]
    fn the_page_has_a_section_for_each_topic() {
        let text = fs::read_to_string(FILE).unwrap();
        let (_, chapter) = text.split_once(CHAPTER).expect("the chapter is there");
        let chapter = chapter.split("\n## ").next().unwrap_or_default();
        let sections = chapter.lines().filter_map(|line| line.strip_prefix("### "));
        let sections: BTreeSet<_> =
            sections.map(|heading| heading.to_lowercase().replace(' ', "-")).collect();
        let topics: BTreeSet<_> = Topic::ALL.iter().map(|topic| topic.heading().to_owned()).collect();
        assert_eq!(sections, topics);
    }

    #[test]
    fn an_error_is_explained_below_any_number_of_contexts() {
        let unreachable = ConnectError::Unreachable { address: "h:1/d".to_owned(), source: "refused".into() };
        let error = anyhow::Error::new(unreachable).context("ORDERS_DATABASE_URL").context("at the start");
        assert_eq!(Topic::of(&error), Some(Topic::DatabaseUnreachable));
        let read = std::fs::read("/nowhere/orders.wasm").with_context(|| Topic::Components.says("no file"));
        let error = read.context("at the start").unwrap_err();
        assert_eq!(Topic::of(&error), Some(Topic::Components));
        let error = anyhow::Error::new(Topic::Schema.says("it is newer")).context("at the start");
        assert_eq!(Topic::of(&error), Some(Topic::Schema));
        let error = anyhow::Error::new(BrokerError::Unavailable("refused".to_owned()));
        assert_eq!(Topic::of(&error), Some(Topic::Broker));
        assert_eq!(Topic::of(&anyhow::anyhow!("something else")), None);
    }

    #[test]
    fn an_error_about_a_setting_leads_to_its_row() {
        for (text, row) in [
            ("BROKER_URL (--broker-url) has no host", Some("settings.md#broker_url")),
            ("the log filter `x` (--log or RUST_LOG) is wrong", Some("settings.md#rust_log")),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT is not a URL; for example: OTEL_EXPORTER_OTLP_ENDPOINT=http://h:4318",
                Some("settings.md#settings"),
            ),
            (
                "WAYBILL_CONCURRENCY (--concurrency) is 16, but WAYBILL_PREFETCH (--prefetch) is 8",
                Some("settings.md#waybill_concurrency"),
            ),
            ("the disk is full", None),
        ] {
            let error = anyhow::anyhow!("a cause").context(text.to_owned());
            let expected = row.map(waybill_contracts::documentation);
            assert_eq!(page(&error), expected, "{text}");
        }
        // A service may name a setting in its refusal, and leads to its status all the same.
        let refusal =
            Refusal { text: "set WAYBILL_API_KEY".to_owned(), help: Some("https://h/errors".to_owned()) };
        let error = anyhow::Error::new(refusal).context("not known");
        assert_eq!(page(&error).as_deref(), Some("https://h/errors"));
    }
}
