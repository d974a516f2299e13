//! `cargo xtask docs`: the documentation as a site with search, by mdBook.
//!
//! A link from a page to a file outside `docs/` (`../SECURITY.md`) is relative, so that it works on GitHub and in a checkout. The site
//! has the pages of `docs/` only, so it is built from a copy in which such links lead to the repository's page of that file.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo;

/// Names the program, for people who have one.
const VARIABLE: &str = "MDBOOK_BIN";

const VERSION: &str = "0.5.4";

/// What comes before the target of a link.
const BEFORE_LINKS: [&str; 3] = ["](", "src=\"", "srcset=\""];

pub fn run() -> Result<()> {
    let (project, target) = (cargo::workspace_folder()?, cargo::target_folder()?);
    let program = ensure(&target)?;
    let book = target.join("book");
    copy(&project, &book, &repository()?)?;
    cargo::run(Command::new(program).arg("build").arg(&book))?;
    println!("The site is in {}.", site(&target).display());
    Ok(())
}

/// The folder that the site is built into.
pub fn site(target: &Path) -> PathBuf {
    target.join("book/site")
}

/// The program that `MDBOOK_BIN` names, or one in the target folder, which is installed where it is missing.
fn ensure(target: &Path) -> Result<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE) {
        return Ok(named.into());
    }
    let tools = target.join("tools");
    let program = tools.join("bin").join(format!("mdbook{}", env::consts::EXE_SUFFIX));
    let installed = Command::new(&program).arg("--version").output();
    if !installed.is_ok_and(|output| output.stdout.trim_ascii() == format!("mdbook v{VERSION}").as_bytes()) {
        println!("Installing mdBook {VERSION} (some minutes) …");
        let mut install = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // Without optimisation, it is built in half of the time and takes two seconds for our pages.
        install.args(["install", "mdbook", "--version", VERSION, "--locked", "--debug", "--force"]);
        install.args(["--no-default-features", "--features", "search", "--root"]).arg(&tools);
        cargo::forget_this_run(&mut install);
        cargo::run(&mut install)?;
    }
    Ok(program)
}

/// The address of the repository, which the manifests name.
fn repository() -> Result<String> {
    let metadata = cargo::metadata(&cargo::manifest()?)?;
    let address = metadata["packages"][0]["repository"].as_str();
    Ok(address.context("the packages name no repository")?.to_owned())
}

/// Copies `book.toml`, `docs/` and the style into an empty folder.
fn copy(project: &Path, book: &Path, repository: &str) -> Result<()> {
    if book.exists() {
        fs::remove_dir_all(book).with_context(|| format!("{} could not be removed", book.display()))?;
    }
    for folder in ["docs", "design"] {
        copy_folder(project, Path::new(folder), book, repository)?;
    }
    copy_file(project, Path::new("book.toml"), book, repository)?;
    let icon = book.join("theme/favicon.svg");
    fs::create_dir_all(book.join("theme"))
        .and_then(|()| fs::copy(project.join("design/icon.svg"), &icon))
        .with_context(|| format!("{} could not be written", icon.display()))?;
    Ok(())
}

fn copy_folder(project: &Path, folder: &Path, book: &Path, repository: &str) -> Result<()> {
    let entries = fs::read_dir(project.join(folder));
    for entry in entries.with_context(|| format!("{} could not be read", folder.display()))? {
        let path = folder.join(entry?.file_name());
        if project.join(&path).is_dir() {
            copy_folder(project, &path, book, repository)?;
        } else {
            copy_file(project, &path, book, repository)?;
        }
    }
    Ok(())
}

fn copy_file(project: &Path, path: &Path, book: &Path, repository: &str) -> Result<()> {
    let (from, to) = (project.join(path), book.join(path));
    fs::create_dir_all(to.parent().context("no folder")?)?;
    let is_page = path.extension().is_some_and(|extension| extension == "md");
    let copied = if is_page {
        let is_folder = |path: &Path| project.join(path).is_dir();
        fs::read_to_string(&from)
            .and_then(|text| fs::write(&to, outside_links(&text, path, repository, &is_folder)))
    } else {
        fs::copy(&from, &to).map(drop)
    };
    copied.with_context(|| format!("{} could not be copied", from.display()))
}

/// A page whose links to files outside `docs/` lead to the repository.
fn outside_links(text: &str, page: &Path, repository: &str, is_folder: &dyn Fn(&Path) -> bool) -> String {
    let mut done = String::with_capacity(text.len());
    for (number, part) in text.split("```").enumerate() {
        if number > 0 {
            done.push_str("```");
        }
        // Every second part is a block of code.
        if number % 2 == 1 {
            done.push_str(part);
            continue;
        }
        let mut rest = part;
        while let Some(begin) = BEFORE_LINKS.iter().filter_map(|it| Some(rest.find(it)? + it.len())).min() {
            let (before, after) = rest.split_at(begin);
            done.push_str(before);
            let end = after.find([')', '"', ' ', '\n']).unwrap_or(after.len());
            let (target, after) = after.split_at(end);
            done.push_str(&outside(target, page, repository, is_folder).unwrap_or_else(|| target.to_owned()));
            rest = after;
        }
        done.push_str(rest);
    }
    done
}

/// The address of a link's target if that is a file of the project outside of `docs/`.
fn outside(target: &str, page: &Path, repository: &str, is_folder: &dyn Fn(&Path) -> bool) -> Option<String> {
    if target.contains(':') || target.starts_with('#') {
        return None;
    }
    let (path, heading) = target.split_once('#').map_or((target, None), |(path, it)| (path, Some(it)));
    let mut resolved = PathBuf::new();
    for part in page.parent()?.join(path).components() {
        if part == Component::ParentDir {
            resolved.pop();
        } else {
            resolved.push(part);
        }
    }
    if resolved.starts_with("docs") {
        return None;
    }
    let kind = if is_folder(&resolved) { "tree" } else { "blob" };
    let heading = heading.map(|it| format!("#{it}")).unwrap_or_default();
    Some(format!("{repository}/{kind}/main/{}{heading}", resolved.display()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::outside_links;

    #[test]
    fn links_out_of_the_docs_lead_to_the_repository() {
        let is_folder = |path: &Path| path == Path::new("examples");
        for (page, text, expected) in [
            ("docs/api.md", "[a](events.md#x) [b](#y)", "[a](events.md#x) [b](#y)"),
            ("docs/api.md", "[a](../SECURITY.md#keys).", "[a](https://r/blob/main/SECURITY.md#keys)."),
            (
                "docs/api.md",
                "[a](../examples) [b](decisions/1.md)",
                "[a](https://r/tree/main/examples) [b](decisions/1.md)",
            ),
            (
                "docs/decisions/1.md",
                "[a](../api.md) [b](../../wit/w.wit)",
                "[a](../api.md) [b](https://r/blob/main/wit/w.wit)",
            ),
            (
                "docs/api.md",
                "<img src=\"pictures/a.png\"> <img src=\"../b.png\">",
                "<img src=\"pictures/a.png\"> <img src=\"https://r/blob/main/b.png\">",
            ),
            ("docs/api.md", "```sh\n[a](../b)\n```\n[c](https://d)", "```sh\n[a](../b)\n```\n[c](https://d)"),
        ] {
            assert_eq!(outside_links(text, Path::new(page), "https://r", &is_folder), expected);
        }
    }
}
