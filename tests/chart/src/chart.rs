use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The project's folder.
#[must_use]
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether the program is there that renders charts.
#[must_use]
pub fn is_helm_there() -> bool {
    run(["version", "--short"]).is_ok()
}

/// A chart, which is ours or a copy of it.
pub struct Chart(PathBuf);

impl Chart {
    /// The chart as it is.
    #[must_use]
    pub fn ours() -> Self {
        Self(project().join("deploy/helm/waybill"))
    }

    /// A copy in an empty folder, in which the first of this text in a file is replaced.
    pub fn changed(folder: &Path, file: &str, from: &str, to: &str) -> Result<Self> {
        copy(&Self::ours().0, folder)?;
        let path = folder.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("there is no {file}"))?;
        ensure!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replacen(from, to, 1))?;
        Ok(Self(folder.to_owned()))
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> Result<String> {
        fs::read_to_string(self.0.join(file)).with_context(|| file.to_owned())
    }

    /// What Helm finds wrong with the chart and these values is the error.
    pub fn lint(&self, values: Option<&Path>) -> Result<()> {
        run(words(["lint", "--strict"], &self.0, values)).map(drop)
    }

    /// The manifests with these values, for the release `waybill`.
    pub fn render(&self, values: Option<&Path>) -> Result<Vec<Value>> {
        let text = run(words(["template", "waybill"], &self.0, values))?;
        let manifests: Vec<Value> = serde_saphyr::from_multiple(&text).context("what Helm rendered")?;
        Ok(manifests.into_iter().filter(|manifest| !manifest.is_null()).collect())
    }

    /// The error of Helm for a value that it does not take.
    pub fn refusal(&self, value: &str) -> Result<String> {
        let mut words = words(["template", "waybill"], &self.0, None);
        words.extend(["--set".into(), value.into()]);
        run(words).err().map(|error| error.to_string()).with_context(|| format!("{value} was taken"))
    }

    /// What an installation says at its end. Only some versions of Helm say it without a cluster, so that it is rendered as a manifest.
    pub fn notes(&self, values: Option<&Path>) -> Result<String> {
        let folder = tempfile::tempdir()?;
        let notes = self.text("templates/NOTES.txt")?;
        let manifest = format!(
            "{{{{- define \"notes\" }}}}{notes}{{{{ end -}}}}\nkind: Notes\ntext: {{{{ include \"notes\" . | toJson }}}}\n"
        );
        copy(&self.0, folder.path())?;
        fs::write(folder.path().join("templates/notes.yaml"), manifest)?;
        let manifests = Self(folder.path().to_owned()).render(values)?;
        let notes = manifests.iter().find(|manifest| manifest["kind"] == "Notes");
        Ok(notes.and_then(|notes| notes["text"].as_str()).context("no notes")?.to_owned())
    }
}

fn words(command: [&str; 2], chart: &Path, values: Option<&Path>) -> Vec<OsString> {
    let mut words: Vec<OsString> = command.map(Into::into).into();
    words.push(chart.into());
    words.extend(values.into_iter().flat_map(|file| ["--values".into(), file.into()]));
    words
}

fn run<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Result<String> {
    let program = env::var_os("HELM_BIN").unwrap_or_else(|| "helm".into());
    let output = Command::new(program).args(words).output().context("helm could not be started")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(said)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, to) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &to)?;
        } else {
            fs::copy(path, to)?;
        }
    }
    Ok(())
}
