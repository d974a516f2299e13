//! Somebody who runs what a document says.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tokio::process::Command;
use waybill_tests::{Waybill, binary, eventually};

use super::block::Block;
use crate::TestEnv;

const LIMIT: Duration = Duration::from_secs(30);

/// The names of a document for what differs each time.
const ORDER: &str = "THE-ORDER'S-ID";
const INVOICE: &str = "THE-INVOICE'S-ID";
const ENDPOINT: &str = "THE-ENDPOINT'S-ID";
const KEY: &str = "THE-KEY'S-ID";

pub(super) struct Reader {
    folder: PathBuf,
    /// What is left to read.
    text: String,
    /// What is put in the place of a document's words.
    replaced: BTreeMap<String, String>,
    pub(super) blocks_run: usize,
}

impl Reader {
    /// A reader of a document in the folder of an environment, with `waybill` on the PATH.
    pub(super) fn of(document: &str, env: &TestEnv) -> Result<Self> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = fs::read_to_string(project.join(document)).context(document.to_owned())?;
        let folder = env.folder.path().to_owned();
        fs::create_dir(folder.join("bin"))?;
        let (program, binary) = (folder.join("bin/waybill"), binary()?);
        let compiled = binary.with_file_name("compiled");
        let data = folder.join("data");
        let (binary, compiled, data) = (binary.display(), compiled.display(), data.display());
        let script = format!(
            "#!/bin/sh\nWAYBILL_COMPILED='{compiled}' WAYBILL_DATA='{data}' exec '{binary}' \"$@\"\n"
        );
        fs::write(&program, script)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        // An answer of 4xx or 5xx is a failure.
        fs::write(folder.join(".curlrc"), "fail-with-body\nsilent\nshow-error\n")?;
        Ok(Self { folder, text, replaced: BTreeMap::new(), blocks_run: 0 })
    }

    /// Has the document's addresses be those of this process.
    pub(super) fn at(&mut self, waybill: &Waybill) -> Result<()> {
        for (port, name) in [(8000, "gateway"), (3333, "orders"), (3334, "invoices")] {
            let address = waybill.address(name)?;
            self.replace(&format!("localhost:{port}"), address.authority());
        }
        Ok(())
    }

    /// Puts one text in the place of another one in the commands.
    pub(super) fn replace(&mut self, from: &str, to: &str) {
        self.replaced.insert(from.to_owned(), to.to_owned());
    }

    /// Writes a file that the commands read.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.folder.join(name), text)?)
    }

    /// Runs the commands up to a text.
    pub(super) async fn read_to(&mut self, end: &str) -> Result<()> {
        let (part, rest) = self.text.split_once(end).with_context(|| format!("the document has no {end}"))?;
        let (part, rest) = (part.to_owned(), rest.to_owned());
        self.text = rest;
        self.run(&part).await
    }

    /// Runs all commands that are left.
    pub(super) async fn read(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.text);
        self.run(&part).await?;
        ensure!(self.blocks_run > 0, "no commands are to be run");
        Ok(())
    }

    async fn run(&mut self, part: &str) -> Result<()> {
        for block in Block::all(part)? {
            let output = if block.only_reads() {
                eventually("what the document shows", LIMIT, async || {
                    let output = self.output(&block).await?;
                    block.check(&output, &|line| self.with_replaced(line))?;
                    Ok(Some(output))
                })
                .await
            } else {
                self.output(&block).await
            };
            let output = output.with_context(|| block.commands.clone())?;
            let replaced = |line: &str| self.with_replaced(line);
            block.check(&output, &replaced).with_context(|| block.commands.clone())?;
            self.remember(&block.commands, &output);
            self.blocks_run += 1;
        }
        Ok(())
    }

    fn with_replaced(&self, text: &str) -> String {
        self.replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    async fn output(&self, block: &Block) -> Result<String> {
        let commands = self.with_replaced(&block.commands);
        let path = format!("{}:{}", self.folder.join("bin").display(), std::env::var("PATH")?);
        let mut shell = Command::new("bash");
        // The document puts a build of the checkout first on the PATH; here it is in the folder of the test, where none is.
        shell.args(["-euo", "pipefail", "-c", &commands]).current_dir(&self.folder).kill_on_drop(true);
        for name in ["BROKER_URL", "ORDERS_DATABASE_URL", "INVOICES_DATABASE_URL"] {
            shell.env_remove(name);
        }
        if let Some(url) = self.replaced.get("amqp://guest:guest@localhost:5672") {
            shell.env("BROKER_URL", url);
        }
        let ended = shell.env("PATH", path).env("CURL_HOME", &self.folder).output().await?;
        let (output, errors) =
            (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        if !ended.status.success() {
            bail!("{}: {output}{errors}", ended.status);
        }
        Ok(output.into_owned())
    }

    /// Keeps the identifiers of what was made or shown, for the commands that follow.
    fn remember(&mut self, commands: &str, output: &str) {
        if commands.contains("keys list") {
            let id = output.split_whitespace().next().unwrap_or_default();
            self.replace(KEY, id);
        }
        // `curl -i` prints the head before the body.
        let body = output.rsplit("\r\n\r\n").next().unwrap_or_default();
        let Ok(answer) = serde_json::from_str::<Value>(body) else { return };
        let kept = [
            (ORDER, "/id", "/customerId"),
            (ENDPOINT, "/id", "/secret"),
            (INVOICE, "/invoices/0/id", "/invoices"),
        ];
        for (name, id, member) in kept {
            if let (Some(id), Some(_)) = (answer.pointer(id).and_then(Value::as_str), answer.pointer(member))
                && answer.get("orderId").is_none()
            {
                self.replace(name, id);
            }
        }
    }
}
