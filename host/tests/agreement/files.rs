use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;
use waybill_tests::{print_kong, skip};

/// The manifests that are read as they are.
const MANIFESTS: [&str; 21] = [
    "docker-compose.yml",
    "deploy/Dockerfile",
    "spin.toml",
    "wadm.yaml",
    "deploy/wadm.local.yaml",
    "deploy/kubernetes/relay.yaml",
    "deploy/kubernetes/webhooks.yaml",
    "deploy/kubernetes/migrate.yaml",
    ".gitignore",
    "deploy/spin/runtime-config.toml",
    "deploy/spinkube/README.md",
    "deploy/wasmcloud/README.md",
    "deploy/spinkube/waybill.yaml",
    "gateway/Dockerfile",
    "docs/keys.md",
    "docs/kong.md",
    "docs/postgresql.md",
    "gateway/kong.env",
    "SECURITY.md",
    "docs/compose.md",
    "docs/spin.md",
];

/// The texts of all manifests by their names, and what Pulumi would make.
#[derive(Clone)]
pub struct Files {
    texts: BTreeMap<&'static str, String>,
    /// Every document by its path.
    pub documents: Vec<(String, String)>,
    /// The output of `npm run graph` in `infra/`; `None` if its packages are not installed.
    pub graph: Option<Value>,
}

pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Files {
    pub async fn read() -> Self {
        let read = |name: &'static str| (name, fs::read_to_string(project().join(name)).expect(name));
        let mut texts: BTreeMap<_, _> = MANIFESTS.into_iter().map(read).collect();
        // As the entry point makes them, with its own defaults.
        texts.insert("kong", print_kong("render", &[]).await.unwrap());
        texts.insert("kong settings", print_kong("settings", &[]).await.unwrap());
        Self { texts, documents: documents().await, graph: graph().await }
    }

    pub fn text(&self, name: &str) -> &str {
        &self.texts[name]
    }

    /// A document by its path.
    pub fn document(&self, name: &str) -> Option<&str> {
        self.documents.iter().find(|(path, _)| path == name).map(|(_, text)| text.as_str())
    }

    /// A YAML file of one document.
    pub fn yaml(&self, name: &str) -> Value {
        serde_saphyr::from_str(self.text(name)).expect(name)
    }

    /// The files with one text replaced; `None` if the file does not have it.
    pub fn changed(&self, name: &'static str, from: &str, to: &str) -> Option<Self> {
        let mut changed = self.clone();
        if name == "infra" {
            let text = self.graph.as_ref()?.to_string();
            changed.graph = Some(serde_json::from_str(&text.replace(from, to)).unwrap());
            return text.contains(from).then_some(changed);
        }
        if let Some((_, document)) = changed.documents.iter_mut().find(|(path, _)| path == name) {
            *document = document.replacen(from, to, 1);
        }
        let text = match changed.texts.get_mut(name) {
            Some(text) => text,
            None => changed.texts.entry(name).or_insert(self.document(name)?.to_owned()),
        };
        let found = text.contains(from);
        *text = text.replacen(from, to, if name == "spin.toml" { usize::MAX } else { 1 });
        found.then_some(changed)
    }
}

/// All documents by their path.
async fn documents() -> Vec<(String, String)> {
    let listed =
        Command::new("git").args(["ls-files", "*.md"]).current_dir(project()).output().await.unwrap();
    let names = String::from_utf8(listed.stdout).unwrap();
    let read = |name: &str| (name.to_owned(), fs::read_to_string(project().join(name)).expect(name));
    names.lines().filter(|name| project().join(name).exists()).map(read).collect()
}

async fn graph() -> Option<Value> {
    let folder = project().join("infra");
    if !folder.join("node_modules").exists() {
        skip("npm's packages are not installed in infra/, so what Pulumi would make is not compared");
        return None;
    }
    let printed =
        Command::new("npm").args(["run", "--silent", "graph"]).current_dir(folder).output().await.unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    Some(serde_json::from_slice(&printed.stdout).unwrap())
}
