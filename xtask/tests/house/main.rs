//! Rules of CONTRIBUTING that no lint knows: files are short, files of a crate form no circle, names use the field's words.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod documents;
mod look;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE_LINES: usize = 300;

/// Words of a private language that names had, in tests too; `docs/glossary.md` has those that took their place.
const METAPHORS: [&str; 13] = [
    "alone", "away", "bury", "crowd", "desk", "door", "journal", "keeper", "noted", "pour", "told",
    "weather", "whoever",
];

/// Names of the field and of libraries that have such a word in them.
const OF_THE_FIELD: [&str; 2] = ["MidpointAwayFromZero", "away_from_zero"];

/// A module's path in its crate; that of `lib.rs` and `main.rs` is empty.
type Module = Vec<String>;

#[test]
fn files_are_short() {
    let long: Vec<_> = rust_files(&root())
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > LONGEST_FILE_LINES)
        .collect();
    assert!(long.is_empty(), "more than {LONGEST_FILE_LINES} lines: {long:#?}");
}

#[test]
fn names_use_the_words_of_the_field() {
    let mut found = Vec::new();
    let own = root().join(file!());
    for path in rust_files(&root()).into_iter().filter(|path| *path != own) {
        for (number, line) in without_strings(&fs::read_to_string(&path).unwrap()).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let code = OF_THE_FIELD.iter().fold(code.to_owned(), |code, name| code.replace(name, ""));
            found.extend(
                words(&code)
                    .filter(|word| METAPHORS.contains(&word.as_str()))
                    .map(|word| format!("{}:{}: {word}", path.display(), number + 1)),
            );
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn files_of_a_crate_form_no_circle() {
    let mut circles = Vec::new();
    for folder in crates() {
        let files = files_of(&folder);
        let uses: BTreeMap<&Module, BTreeSet<Module>> =
            files.iter().map(|(module, text)| (module, used_by(module, text, &files))).collect();
        for module in files.keys() {
            if let Some(circle) = circle_from(module, &uses) {
                circles.push(format!("{}: {}", folder.display(), circle.join(" -> ")));
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

/// The shortest way from a module by what it uses back to itself.
fn circle_from(start: &Module, uses: &BTreeMap<&Module, BTreeSet<Module>>) -> Option<Vec<String>> {
    let mut ways = vec![vec![start.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| uses.get(last)).into_iter().flatten() {
                let way = way.iter().cloned().chain([next.clone()]).collect::<Vec<_>>();
                if next == start {
                    return Some(way.iter().map(|module| module.join("::")).collect());
                }
                if seen.insert(next.clone()) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

/// The modules whose items a module uses: what a file re-exports belongs to the file that defines it.
fn used_by(module: &Module, text: &str, files: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let mut used = BTreeSet::new();
    let declared = use_paths(text).into_iter().filter_map(|(is_public, path)| (!is_public).then_some(path));
    for path in declared.chain(inline_paths(text)) {
        if let Some(path) = absolute(module, &path, files) {
            used.insert(defined_in(&path, files, 0));
        }
    }
    used.remove(module);
    used
}

fn defined_in(path: &[String], files: &BTreeMap<Module, String>, depth: usize) -> Module {
    let length = (0..=path.len()).rev().find(|&length| files.contains_key(&path[..length])).unwrap_or(0);
    let module = path[..length].to_vec();
    let (Some(item), true) = (path.get(length), depth < 5) else { return module };
    let reexported = use_paths(&files[&module])
        .into_iter()
        .find(|(is_public, path)| *is_public && path.last() == Some(item));
    match reexported.and_then(|(_, path)| absolute(&module, &path, files)) {
        Some(path) => defined_in(&path, files, depth + 1),
        None => module,
    }
}

/// A path from the crate's root; `None` for one into another crate.
fn absolute(module: &Module, path: &[String], files: &BTreeMap<Module, String>) -> Option<Vec<String>> {
    let child = |name: &String| files.contains_key(&[module.as_slice(), std::slice::from_ref(name)].concat());
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module, &path[1..]].concat()),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            Some([&module[..module.len().saturating_sub(ups)], &path[ups..]].concat())
        }
        _ if child(&path[0]) => Some([module, path].concat()),
        _ => None,
    }
}

/// The paths of a file's `use` declarations outside its tests, and whether each is public.
fn use_paths(text: &str) -> Vec<(bool, Vec<String>)> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let (before, after) = rest.split_at(at);
        rest = &after[4..];
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        let is_public = line.starts_with("pub");
        if line.is_empty() || is_public && !line.contains("//") {
            expand(&rest[..rest.find(';').unwrap_or(0)], &mut |path| paths.push((is_public, path)));
        }
    }
    paths
}

/// The paths of a file outside its `use` declarations, comments and tests, such as `super::LIMIT` and `child::run`.
fn inline_paths(text: &str) -> Vec<Vec<String>> {
    let code = without_strings(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default());
    let mut is_declaration = false;
    let mut paths = Vec::new();
    for line in code.lines().map(|line| line.split("//").next().unwrap_or_default().trim()) {
        is_declaration |= ["use ", "pub use "].iter().any(|start| line.starts_with(start))
            || line.starts_with("pub(") && line.contains(" use ");
        if !is_declaration {
            // `$crate::` is a path of the file that calls the macro.
            let is_part = |letter: char| letter.is_alphanumeric() || ['_', ':', '$'].contains(&letter);
            let names = line.split(|letter| !is_part(letter));
            paths.extend(
                names
                    .filter(|name| name.contains("::") && !name.starts_with(':') && !name.ends_with(':'))
                    .map(|name| name.split("::").map(ToOwned::to_owned).collect()),
            );
        }
        is_declaration &= !line.ends_with(';');
    }
    paths
}

/// Calls `found` with each path of a tree such as `crate::{a, b::{c, d as e}}`.
fn expand(tree: &str, found: &mut dyn FnMut(Vec<String>)) {
    let Some((prefix, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return found(path.split("::").map(|part| part.trim().to_owned()).collect());
    };
    let mut depth = 0;
    let group = group.rsplit_once('}').map_or(group, |(group, _)| group);
    let parts = group.split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        depth == 0 && letter == ','
    });
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        expand(&format!("{prefix}{part}"), found);
    }
}

/// A file's text without what stands in its string literals.
fn without_strings(text: &str) -> String {
    let (mut is_string, mut before) = (false, ' ');
    let mut letters = text.chars().peekable();
    let mut code = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        let is_character = before == '\'' && letters.peek() == Some(&'\'');
        is_string ^= letter == '"' && before != '\\' && !is_character;
        before = if before == '\\' { ' ' } else { letter };
        if !is_string || letter == '\n' {
            code.push(letter);
        }
    }
    code
}

/// The words of the names in a line, in lower case: `DeadLetter` and `dead_letter` are two each.
fn words(code: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    for letter in code.chars() {
        if !letter.is_alphabetic() || letter.is_uppercase() && !words.last().is_some_and(String::is_empty) {
            words.push(String::new());
        }
        if letter.is_alphabetic() {
            words.last_mut().unwrap().extend(letter.to_lowercase());
        }
    }
    words.into_iter()
}

fn files_of(folder: &Path) -> BTreeMap<Module, String> {
    let source = folder.join("src");
    let mut files = BTreeMap::new();
    for path in rust_files(&source) {
        let inner = path.strip_prefix(&source).unwrap().with_extension("");
        let mut module: Module = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        // A program beside a library is a crate of its own.
        let is_root = |part: &str| part == "lib" || part == "main" && !source.join("lib.rs").exists();
        module.retain(|part| !is_root(part));
        files.insert(module, fs::read_to_string(&path).unwrap());
    }
    files
}

/// The folders of all crates, with those of wasmCloud.
fn crates() -> Vec<PathBuf> {
    let manifests = found_below(&root(), &|path| path.file_name().is_some_and(|name| name == "Cargo.toml"));
    let folders = manifests.iter().filter_map(|path| path.parent().map(Path::to_owned));
    folders.filter(|folder| folder.join("src").is_dir()).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    found_below(folder, &|path| path.extension().is_some_and(|extension| extension == "rs"))
}

fn found_below(folder: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && !["target", "node_modules"].contains(&name.as_str()) {
            found.extend(found_below(&path, is_wanted));
        } else if is_wanted(&path) {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
