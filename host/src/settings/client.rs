use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use http::Uri;
use uuid::Uuid;

use super::Secret;
use crate::authority::is_destination;

/// The services that a command asks, wherever they run.
#[derive(Args, Debug)]
#[command(next_help_heading = "Services")]
pub struct ClientSettings {
    /// The gateway, or another address that serves the API.
    #[arg(long, env = "WAYBILL_URL", value_name = "URL", hide_env_values = true, default_value = "http://127.0.0.1:8000", value_parser = url)]
    pub url: Uri,
    /// The API key, where one is required. Every user of the machine sees flags, so set the variable.
    #[arg(long, env = "WAYBILL_API_KEY", value_name = "KEY", hide_env_values = true)]
    pub api_key: Option<Secret>,
}

#[derive(Debug, Subcommand)]
pub enum OrdersSettings {
    /// Place an order and print it. Sent again after a lost answer it is one order: the command does so with one idempotency key.
    Place {
        #[command(flatten)]
        order: NewOrder,
        /// The customer of an order that is an amount.
        #[arg(long, value_name = "ID", requires = "amount", conflicts_with = "file")]
        customer_id: Option<String>,
        /// The idempotency key; by default a new one. With the key of an earlier order, that order is printed.
        #[arg(long, value_name = "KEY")]
        idempotency_key: Option<String>,
        #[command(flatten)]
        client: ClientSettings,
    },
    /// Print the latest orders, a JSON object on each line.
    List(ListSettings),
    /// Print an order as JSON.
    Show {
        /// Its identifier.
        #[arg(value_parser = order_id)]
        id: Uuid,
        #[command(flatten)]
        client: ClientSettings,
    },
}

/// What is ordered.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct NewOrder {
    /// The file with the order as JSON; - reads standard input.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The amount in minor units (cents), of an order that says nothing else.
    #[arg(long, value_name = "MINOR_UNITS", allow_negative_numbers = true, value_parser = amount)]
    pub amount: Option<i64>,
}

#[derive(Debug, Subcommand)]
pub enum InvoicesCommand {
    /// Print the latest invoices, a JSON object on each line.
    List {
        /// Only the invoice of this order.
        #[arg(long, value_name = "ID", value_parser = order_id)]
        order: Option<Uuid>,
        #[command(flatten)]
        list: ListSettings,
    },
    /// Print an invoice as JSON.
    Show {
        /// Its identifier.
        #[arg(value_parser = invoice_id)]
        id: Uuid,
        #[command(flatten)]
        client: ClientSettings,
    },
    /// Write the document of an invoice into a file.
    Save {
        /// Its identifier.
        #[arg(value_parser = invoice_id)]
        id: Uuid,
        /// pdf, html, ubl, cii, xrechnung or peppol.
        #[arg(long = "as", value_name = "FORMAT", default_value = "pdf")]
        format: DocumentFormat,
        /// Its language, for pages and PDFs: de, en, es, fr or pt-PT.
        #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
        language: &'static str,
        /// The file; - writes to standard output. By default it has the name that the service gives, which is the
        /// invoice's number, or for a page its identifier.
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
        #[command(flatten)]
        client: ClientSettings,
    },
}

#[derive(Args, Debug)]
pub struct ListSettings {
    /// How many, newest first.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    #[command(flatten)]
    pub client: ClientSettings,
}

/// The representations of a document that are files.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DocumentFormat {
    /// PDF/A-3 with the electronic invoice inside (Factur-X, ZUGFeRD).
    Pdf,
    /// A page to read and print.
    Html,
    /// An electronic invoice as UBL 2.1, by the customer's profile.
    Ubl,
    /// An electronic invoice as CII.
    Cii,
    /// An electronic invoice by XRechnung.
    Xrechnung,
    /// An electronic invoice by Peppol BIS Billing 3.
    Peppol,
}

impl DocumentFormat {
    pub fn accept(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Html => "text/html",
            Self::Ubl => "application/xml",
            Self::Cii => "application/xml;syntax=cii",
            Self::Xrechnung => "application/xml;profile=xrechnung",
            Self::Peppol => "application/xml;profile=peppol",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Ubl | Self::Cii | Self::Xrechnung | Self::Peppol => "xml",
        }
    }
}

/// The languages that documents are written in, by their tags (RFC 5646).
const LANGUAGES: [&str; 5] = ["de", "en", "es", "fr", "pt-PT"];

/// A service answers any language; a person who has mistyped one would get English without a word.
fn language(text: &str) -> Result<&'static str, String> {
    let is_named = |tag: &&str| [*tag, primary(tag)].iter().any(|name| name.eq_ignore_ascii_case(text));
    let known = LANGUAGES.into_iter().find(is_named);
    known.ok_or_else(|| format!("it must be one of {}", LANGUAGES.join(", ")))
}

/// The language of a tag, without its region.
fn primary(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(language, _)| language)
}

fn amount(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "it must be a whole number of minor units (cents): 5000 is 50.00".to_owned())
}

fn order_id(text: &str) -> Result<Uuid, String> {
    id(text, "orders")
}

fn invoice_id(text: &str) -> Result<Uuid, String> {
    id(text, "invoices")
}

fn id(text: &str, kind: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| format!("it must be a UUID; `waybill {kind} list` shows them"))
}

fn url(text: &str) -> Result<Uri, String> {
    let example = "an example is http://127.0.0.1:8000";
    let url: Uri = text.parse().map_err(|error| format!("it is not a URL ({error}); {example}"))?;
    if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none_or(str::is_empty) {
        return Err(format!("it has to begin with http:// or https:// and a host; {example}"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() {
        return Err(format!("it must have no path; {example}"));
    }
    if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(format!("it must have no user name; WAYBILL_API_KEY has the key; {example}"));
    }
    if !url.authority().is_some_and(is_destination) {
        return Err(format!("its port must be a number from 1 to 65535; {example}"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::settings::Cli;

    /// The fault of a command line, without the lines that every fault has.
    fn fault(words: &[&str]) -> String {
        Cli::try_parse_from([&["waybill"], words].concat()).unwrap_err().to_string()
    }

    #[test]
    fn an_order_is_a_file_or_an_amount() {
        assert!(fault(&["orders", "place"]).contains("<FILE|--amount <MINOR_UNITS>>"));
        assert!(
            fault(&["orders", "place", "order.json", "--amount", "5000"]).contains("cannot be used with")
        );
        assert!(
            fault(&["orders", "place", "order.json", "--customer-id", "a"]).contains("cannot be used with")
        );
        assert!(fault(&["orders", "place", "--customer-id", "a"]).contains("--amount"));
        for good in [&["--amount", "-1"][..], &["--amount", "1", "--customer-id", "a"], &["order.json"]] {
            assert!(
                Cli::try_parse_from([&["waybill", "orders", "place"], good].concat()).is_ok(),
                "{good:?}"
            );
        }
    }

    #[test]
    fn a_bad_value_says_what_it_must_be() {
        for (words, expected) in [
            (
                &["orders", "place", "--amount", "50.00"][..],
                "whole number of minor units (cents): 5000 is 50.00",
            ),
            (&["orders", "show", "abc"], "a UUID; `waybill orders list`"),
            (&["invoices", "list", "--order", "abc"], "a UUID; `waybill orders list`"),
            (&["invoices", "show", "abc"], "a UUID; `waybill invoices list`"),
            (&["invoices", "save", "abc"], "a UUID; `waybill invoices list`"),
            (
                &["invoices", "save", "01890a5d-ac96-774b-bcce-b302099a8057", "--language", "klingon"],
                "one of de, en, es, fr, pt-PT",
            ),
        ] {
            let text = fault(words);
            assert!(text.contains(expected), "{words:?}: {text}");
        }
    }

    #[test]
    fn the_languages_are_those_of_the_documents() {
        let source = include_str!("../../../components/documents/src/language.rs");
        let (_, tags) = source.split_once("pub const TAGS").expect("the tags");
        let (tags, _) = tags.split_once(';').and_then(|(_, rest)| rest.split_once(';')).expect("their list");
        let mut tags: Vec<_> = tags.split('"').skip(1).step_by(2).collect();
        tags.sort_unstable();
        assert_eq!(tags, LANGUAGES.map(primary));
        assert_eq!((language("PT-pt"), language("pt")), (Ok("pt-PT"), Ok("pt-PT")));
    }

    #[test]
    fn an_address_of_the_services_has_a_scheme_and_a_host_and_no_path() {
        for good in ["http://127.0.0.1:8000", "https://shop.example/", "http://[::1]:8000"] {
            assert!(url(good).is_ok(), "{good}");
        }
        for bad in [
            "127.0.0.1:8000",
            "ftp://h",
            "http:///orders",
            "http://h/orders",
            "http://h?x=1",
            "a b",
            "http://user:geheim@h",
            "http://h:99999",
            "http://h:x",
        ] {
            let fault = url(bad).unwrap_err();
            assert!(fault.contains("an example is http://127.0.0.1:8000"), "{bad}: {fault}");
        }
    }
}
