//! Fonts of this machine, as fontconfig's programs `fc-match` and `fc-list` know them.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

/// Scripts by name, with letters that a font for them has, and the language whose shapes the script has in it.
const SCRIPTS: [(&str, &str, &str); 24] = [
    ("Arabic", "عربية", "ar"),
    ("Armenian", "Հայերեն", "hy"),
    ("Bengali", "বাংলা", "bn"),
    ("Chinese", "汉语", "zh-cn"),
    ("Devanagari", "हिन्दी", "hi"),
    ("Ethiopic", "አማርኛ", "am"),
    ("Georgian", "ქართული", "ka"),
    ("Gujarati", "ગુજરાતી", "gu"),
    ("Gurmukhi", "ਪੰਜਾਬੀ", "pa"),
    ("Hebrew", "עברית", "he"),
    ("Japanese", "日本語かなカナ", "ja"),
    ("Kannada", "ಕನ್ನಡ", "kn"),
    ("Khmer", "ខ្មែរ", "km"),
    ("Korean", "한국어", "ko"),
    ("Lao", "ລາວ", "lo"),
    ("Malayalam", "മലയാളം", "ml"),
    ("Myanmar", "မြန်မာ", "my"),
    ("Persian", "فارسی", "fa"),
    ("Sinhala", "සිංහල", "si"),
    ("Tamil", "தமிழ்", "ta"),
    ("Telugu", "తెలుగు", "te"),
    ("Thai", "ไทย", "th"),
    ("Traditional Chinese", "漢語體", "zh-tw"),
    ("Urdu", "اردو", "ur"),
];

/// fontconfig's numbers for regular and bold.
const WEIGHTS: [u8; 2] = [80, 200];

/// What a font is looked for by.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// A script, by letters that the font has to have.
    Script { name: &'static str, letters: &'static str, language: &'static str },
    /// A family, by its name.
    Family(&'a str),
}

impl<'a> Wanted<'a> {
    /// The script of this name, or else the family.
    pub fn named(name: &'a str) -> Self {
        let name = name.trim();
        let script = SCRIPTS.iter().find(|(script, ..)| script.eq_ignore_ascii_case(name));
        match script {
            Some((name, letters, language)) => Self::Script { name, letters, language },
            None => Self::Family(name),
        }
    }

    /// The pattern that a font has to match.
    fn pattern(&self) -> String {
        match self {
            Self::Script { letters, .. } => {
                let letters = letters.chars().map(|letter| format!("{:x}", u32::from(letter)));
                format!(":charset={}", letters.collect::<Vec<_>>().join(" "))
            }
            // Those have a meaning in patterns.
            Self::Family(name) => {
                let is_special = |char| matches!(char, '\\' | '-' | ':' | ',');
                let escape = |char| if is_special(char) { format!("\\{char}") } else { String::from(char) };
                format!(":family={}", name.chars().map(escape).collect::<String>())
            }
        }
    }

    fn refusal(&self) -> String {
        match self {
            Self::Script { name, letters, .. } => {
                format!("no font of this machine has the letters {letters} ({name})")
            }
            Self::Family(name) => {
                format!("no font of this machine is called {name}: fc-list shows their names")
            }
        }
    }
}

/// The files of the regular and of the bold font that is wanted; one, where both are the same or there is no bold one.
pub fn found(wanted: &Wanted<'_>) -> anyhow::Result<Vec<PathBuf>> {
    let pattern = wanted.pattern();
    // `fc-match` answers with some font whatever is asked for; these are the fonts that are meant.
    let fitting = ask("fc-list", &["-f", "%{file}\n", &pattern])?;
    ensure!(!fitting.trim().is_empty(), "{}", wanted.refusal());
    let language = match wanted {
        Wanted::Script { language, .. } => format!(":lang={language}"),
        Wanted::Family(_) => String::new(),
    };
    let mut files = Vec::new();
    for weight in WEIGHTS {
        let matching = format!("{pattern}{language}:weight={weight}:slant=0:scalable=true");
        let file = ask("fc-match", &["-f", "%{file}", &matching])?;
        let is_fitting = fitting.lines().any(|fitting| fitting == file);
        if is_fitting && !files.contains(&PathBuf::from(&file)) {
            files.push(PathBuf::from(file));
        }
    }
    // Where fontconfig prefers a font without all letters, the first one that has them.
    if files.is_empty() {
        files.extend(fitting.lines().filter(|line| !line.is_empty()).min().map(PathBuf::from));
    }
    Ok(files)
}

/// What a program of fontconfig prints.
fn ask(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = match Command::new(program).args(arguments).output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "{program} is not installed: install fontconfig, or copy the files of the font into the folder yourself"
        ),
        Err(error) => return Err(error).with_context(|| format!("{program} cannot be run")),
    };
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} failed: {}", error.trim());
    String::from_utf8(output.stdout).with_context(|| format!("{program} names a file that is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_script_or_a_family() {
        for (name, pattern) in [
            ("hebrew", ":charset=5e2 5d1 5e8 5d9 5ea"),
            (" Thai ", ":charset=e44 e17 e22"),
            ("Noto Sans CJK JP", ":family=Noto Sans CJK JP"),
            ("A-B: C,D\\", ":family=A\\-B\\: C\\,D\\\\"),
        ] {
            assert_eq!(Wanted::named(name).pattern(), pattern);
        }
    }

    #[test]
    fn scripts_are_in_order_and_have_letters_of_their_own() {
        assert!(SCRIPTS.is_sorted_by_key(|(name, ..)| *name));
        for (name, letters, _) in SCRIPTS {
            assert!(letters.chars().all(|letter| !letter.is_ascii()), "{name}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_named_with_what_to_do() {
        let error = ask("no-such-program", &[]).unwrap_err().to_string();
        assert!(error.starts_with("no-such-program is not installed: install fontconfig"), "{error}");
    }
}
