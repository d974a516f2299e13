//! Addresses, files, folders and programs of this machine.

use std::net::SocketAddr;
use std::path::Path;

use rustix::process::{Resource, getrlimit};

use super::finding::Finding;
use super::served::{self, Sign, is_served};
use crate::http::Listener;
use crate::settings::{AddressOrOff, ComponentName, UpSettings};
use crate::{components, databases};

/// Fewer files than this leave fewer connections than an ordinary browser and a gateway open under load.
const FEW_FILES: u64 = 1_024;

/// Less space than this is soon gone: PostgreSQL writes ahead in files of 16 MiB and keeps up to a gigabyte of them.
const LITTLE_SPACE: u64 = 2 << 30;

/// Whether the listeners of `up` could be opened now.
pub(super) async fn addresses(settings: &UpSettings) -> Vec<Finding> {
    let mut wanted = vec![
        ("orders address", settings.orders_listen.orders_listen, "--orders-listen", served::ORDERS),
        ("invoices address", settings.invoices_listen.invoices_listen, "--invoices-listen", served::INVOICES),
        ("gateway address", settings.gateway_listen.gateway_listen, "--gateway-listen", served::GATEWAY),
    ];
    if let AddressOrOff::At(address) = settings.traces.traces_listen {
        wanted.push(("traces address", address, "--traces-listen", served::TRACES));
    }
    if let Some(address) = settings.hosting.admin.admin_listen {
        wanted.push(("admin address", address, "--admin-listen", served::ADMIN));
    }
    let (mut findings, mut open) = (Vec::new(), Vec::new());
    for (what, address, flag, sign) in wanted {
        findings.push(is_free(what, address, flag, sign, &mut open).await);
    }
    findings
}

/// Keeps the listener open, so that another of the same address finds it in use. Beside a running `waybill up`, its addresses are as they
/// should be.
async fn is_free(
    what: &'static str,
    address: SocketAddr,
    flag: &str,
    sign: Sign,
    open: &mut Vec<Listener>,
) -> Finding {
    match Listener::bind(address, flag).await {
        Ok(listener) => {
            open.push(listener);
            Finding::good(what, format_args!("{address} is free"))
        }
        Err(_) if is_served(address, sign).await => {
            Finding::good(what, format_args!("a Waybill that runs serves {address} already"))
        }
        Err(error) => Finding::failed(what, &error.into()),
    }
}

/// Limits of the process, the data folder, and what is run.
pub(super) fn programs(settings: &UpSettings) -> Vec<Finding> {
    let servers = &settings.hosting.databases;
    let mut findings = vec![open_files(), data_folder(&servers.data)];
    for name in [ComponentName::Orders, ComponentName::Invoices] {
        let what = if name == ComponentName::Orders { "orders component" } else { "invoices component" };
        let bytes = components::bytes(name, &settings.hosting.components);
        findings.push(Finding::of(what, bytes.map(|bytes| format!("{} bytes", bytes.len()))));
    }
    if servers.orders_database_url.is_none() || servers.invoices_database_url.is_none() {
        findings.push(Finding::of("PostgreSQL", databases::programs(servers)));
    }
    findings
}

fn open_files() -> Finding {
    let what = "open files";
    match getrlimit(Resource::Nofile).maximum {
        Some(most) if most < FEW_FILES => Finding::doubtful(
            what,
            format_args!(
                "at most {most}, which bounds connections; raise the hard limit (ulimit -Hn, LimitNOFILE)"
            ),
        ),
        Some(most) => Finding::good(what, format_args!("at most {most}")),
        None => Finding::good(what, "without a limit"),
    }
}

fn data_folder(folder: &Path) -> Finding {
    let what = "data folder";
    // Its first start creates it, so its parent counts until then.
    let existing = std::path::absolute(folder)
        .ok()
        .and_then(|folder| folder.ancestors().find(|folder| folder.exists()).map(Path::to_owned))
        .filter(|folder| folder.is_dir());
    let Some(existing) = existing else {
        return Finding::bad(
            what,
            format_args!("{} cannot be created; choose another with --data", folder.display()),
        );
    };
    if let Err(error) = tempfile::tempfile_in(&existing) {
        return Finding::bad(
            what,
            format_args!(
                "nothing can be written into {} ({error}); correct that, or choose another with --data",
                existing.display()
            ),
        );
    }
    let free = rustix::fs::statvfs(&existing).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let gigabytes = |bytes: u64| bytes / 1_000_000_000;
    match free {
        Ok(bytes) if bytes < LITTLE_SPACE => Finding::doubtful(
            what,
            format_args!(
                "{}: {} GB are free, which PostgreSQL may soon need",
                folder.display(),
                gigabytes(bytes)
            ),
        ),
        Ok(bytes) => {
            Finding::good(what, format_args!("{}, {} GB are free", folder.display(), gigabytes(bytes)))
        }
        Err(_) => Finding::good(what, folder.display()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::net::TcpListener;

    use super::super::finding::Verdict;
    use super::*;

    #[tokio::test]
    async fn an_address_in_use_is_named_with_the_flag_that_chooses_another() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap();
        let mut open = Vec::new();
        let finding =
            is_free("gateway address", address, "--gateway-listen", served::GATEWAY, &mut open).await;
        assert_eq!(finding.verdict, Verdict::Bad);
        assert!(
            finding.text.contains("in use") && finding.text.contains("--gateway-listen"),
            "{}",
            finding.text
        );
        drop(other);
        for expected in [Verdict::Good, Verdict::Bad] {
            let finding =
                is_free("gateway address", address, "--gateway-listen", served::GATEWAY, &mut open).await;
            assert_eq!(finding.verdict, expected, "{}", finding.text);
        }
    }

    #[test]
    fn a_data_folder_that_will_be_created_is_good_and_one_in_a_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let finding = data_folder(&folder.path().join("a/b"));
        assert_ne!(finding.verdict, Verdict::Bad, "{}", finding.text);
        assert!(!folder.path().join("a").exists(), "something was created");
        std::fs::write(folder.path().join("file"), "").unwrap();
        // A file is no folder, and none can be made in it.
        let finding = data_folder(&folder.path().join("file/data"));
        assert_eq!(finding.verdict, Verdict::Bad, "{}", finding.text);
    }
}
