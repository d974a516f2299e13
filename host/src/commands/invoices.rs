//! `waybill invoices`: shows and saves invoices, by the API.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use http::{HeaderMap, HeaderValue, header};
use uuid::Uuid;

use super::orders::list_rows;
use super::service_settings::print;
use crate::api_client::ApiClient;
use crate::output;
use crate::settings::{ClientSettings, DocumentFormat, InvoicesCommand};

/// Runs `waybill invoices`.
pub async fn run(command: InvoicesCommand) -> anyhow::Result<()> {
    match command {
        InvoicesCommand::List { order, list } => {
            let filter = order.map(|id| format!("&orderId={id}")).unwrap_or_default();
            list_rows(&list, "/invoices", "invoices", &filter).await
        }
        InvoicesCommand::Show { id, client } => {
            let client = ApiClient::new(&client)?;
            print(&client.get(&format!("/invoices/{id}"), HeaderMap::new()).await?.json()?)
        }
        InvoicesCommand::Save { id, format, language, into, client } => {
            save(id, format, language, into, &client).await
        }
    }
}

async fn save(
    id: Uuid,
    format: DocumentFormat,
    language: &'static str,
    into: Option<PathBuf>,
    client: &ClientSettings,
) -> anyhow::Result<()> {
    let headers = [
        (header::ACCEPT, HeaderValue::from_static(format.accept())),
        (header::ACCEPT_LANGUAGE, HeaderValue::from_static(language)),
    ];
    let document =
        ApiClient::new(client)?.get(&format!("/invoices/{id}"), headers.into_iter().collect()).await?;
    let named = || PathBuf::from(format!("{}.{}", name(&document.headers, id), format.extension()));
    let file = into.unwrap_or_else(named);
    if file == Path::new("-") {
        return Ok(output::bytes(&document.body)?);
    }
    std::fs::write(&file, &document.body).with_context(|| format!("{} cannot be written", file.display()))?;
    output::notice(file.display());
    Ok(())
}

/// The name that the service gives the document, without what could lead into another folder; or the identifier.
fn name(headers: &HeaderMap, id: Uuid) -> String {
    let given = headers
        .get(header::CONTENT_DISPOSITION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once("filename=\""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(name, _)| name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let is_plain = |name: &&str| {
        !name.is_empty()
            && !name.starts_with('.')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_. ".contains(letter))
    };
    given.filter(is_plain).map_or_else(|| id.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_saved_in_this_folder_whatever_the_service_calls_it() {
        let id = Uuid::nil();
        let named = |disposition: &str| {
            let value = HeaderValue::from_str(disposition).expect("a header");
            name(&[(header::CONTENT_DISPOSITION, value)].into_iter().collect(), id)
        };
        assert_eq!(named("inline; filename=\"INV-2026-000001.pdf\""), "INV-2026-000001");
        for other in [
            "inline",
            "inline; filename=\"../../etc/x.pdf\"",
            "inline; filename=\".bashrc\"",
            "inline; filename=\"\"",
        ] {
            assert_eq!(named(other), id.to_string(), "{other}");
        }
    }
}
