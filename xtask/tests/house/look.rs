//! Rules of the look: colours are those of `design/tokens.css`, and each text can be read on its ground, in the light and in the dark.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{found_below, root};

/// Texts with the grounds that they are on. WCAG 2.2, 1.4.3 asks for 4.5.
const TEXTS: [(&str, &[&str]); 7] = [
    ("text", &["card", "ground", "accent-ground", "busy-ground"]),
    ("soft", &["card", "ground"]),
    ("accent", &["card", "ground", "accent-ground"]),
    ("on-accent", &["accent"]),
    ("good", &["good-ground", "card", "ground"]),
    ("bad", &["bad-ground", "card", "ground"]),
    ("busy", &["busy-ground", "card", "ground"]),
];

/// Borders of fields, focus rings, marks and bars with what they are beside. WCAG 2.2, 1.4.11 asks for 3.
const SHAPES: [(&str, &[&str]); 6] = [
    ("edge", &["card", "ground"]),
    ("accent", &["card", "ground"]),
    ("series-0", &["card", "ground"]),
    ("series-1", &["card", "ground"]),
    ("series-2", &["card", "ground"]),
    ("series-3", &["card", "ground"]),
];

/// A colour for each scheme.
type Colors = BTreeMap<String, [String; 2]>;

#[test]
fn texts_and_shapes_stand_out_from_their_grounds_in_both_schemes() {
    let colors = colors(&tokens());
    let mut faults = Vec::new();
    for (pairs, least) in [(TEXTS.as_slice(), 4.5), (SHAPES.as_slice(), 3.0)] {
        for (name, grounds) in pairs {
            for ground in *grounds {
                for (scheme, index) in [("light", 0), ("dark", 1)] {
                    let found = contrast(&colors[*name][index], &colors[*ground][index]);
                    if found < least {
                        faults.push(format!("{name} on {ground}, {scheme}: {found:.2}, at least {least}"));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "design/tokens.css: {faults:#?}");
}

#[test]
fn the_contrast_is_that_of_wcag() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001);
    // The grey that is known for being the lightest on white.
    assert!(contrast("#767676", "#ffffff") >= 4.5 && contrast("#777777", "#ffffff") < 4.5);
}

#[test]
fn every_color_of_a_style_is_one_of_the_tokens() {
    let colors = colors(&tokens());
    let known: BTreeSet<&str> = colors.values().flatten().map(String::as_str).chain(["#fff"]).collect();
    let mut faults = Vec::new();
    for path in styles() {
        let text = fs::read_to_string(&path).unwrap();
        let is_picture = path.extension().is_some_and(|extension| extension == "svg");
        for (number, line) in text.lines().enumerate() {
            let foreign = hashes(line).filter(|color| !(is_picture && known.contains(color.as_str())));
            let functions = ["rgb(", "rgba(", "hsl(", "oklch("]
                .into_iter()
                .filter(|it| line.contains(it))
                .map(str::to_owned);
            faults.extend(
                foreign.chain(functions).map(|it| format!("{}:{}: {it}", path.display(), number + 1)),
            );
        }
    }
    assert!(faults.is_empty(), "colours stand in design/tokens.css: {faults:#?}");
}

#[test]
fn styles_use_tokens_that_there_are_and_every_token_is_used() {
    let tokens = tokens();
    let declared: BTreeSet<String> = declared(&tokens).collect();
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    for path in styles() {
        let text = fs::read_to_string(&path).unwrap();
        let own: BTreeSet<String> = self::declared(&text).collect();
        for name in text.split("var(--").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !declared.contains(name) && !own.contains(name) && name != OF_MDBOOK {
                faults.push(format!("{}: --{name} is not declared", path.display()));
            }
            used.insert(name.to_owned());
        }
    }
    faults.extend(declared.difference(&used).map(|name| format!("--{name} is not used")));
    assert!(faults.is_empty(), "{faults:#?}");
}

/// What mdBook declares itself and our style reads.
const OF_MDBOOK: &str = "color-scheme";

fn tokens() -> String {
    fs::read_to_string(root().join("design/tokens.css")).unwrap()
}

/// All styles but the tokens, and the icon.
fn styles() -> Vec<PathBuf> {
    let is_style = |path: &Path| path.extension().is_some_and(|extension| extension == "css");
    let found = found_below(&root(), &|path| is_style(path) || path.ends_with("design/icon.svg"));
    let styles: Vec<_> = found.into_iter().filter(|path| !path.ends_with("design/tokens.css")).collect();
    assert!(styles.len() >= 5, "{styles:#?}");
    styles
}

/// The names that a style declares.
fn declared(style: &str) -> impl Iterator<Item = String> {
    let lines = style.split(['{', ';', '\n']).map(str::trim);
    lines.filter_map(|line| Some(line.strip_prefix("--")?.split_once(':')?.0.to_owned()))
}

fn colors(tokens: &str) -> Colors {
    let lines = tokens.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": light-dark("));
    let colors: Colors = lines
        .map(|(name, value)| {
            let pair = value.strip_suffix(");").and_then(|pair| pair.split_once(", ")).unwrap();
            (name.to_owned(), [pair.0.to_owned(), pair.1.to_owned()])
        })
        .collect();
    assert!(colors.len() > 10, "{colors:#?}");
    colors
}

/// The colours of a line that are written by their hexadecimal digits.
fn hashes(line: &str) -> impl Iterator<Item = String> {
    line.split('#').skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
        let next = rest[digits.len()..].chars().next();
        let is_color = matches!(digits.len(), 3 | 4 | 6 | 8)
            && next.is_none_or(|it| !it.is_alphanumeric() && it != '-' && it != '_');
        is_color.then(|| format!("#{digits}"))
    })
}

/// WCAG 2.2's contrast ratio of two colours.
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// WCAG 2.2's relative luminance of `#rrggbb`.
fn luminance(color: &str) -> f64 {
    let channel = |from: usize| {
        let value = f64::from(u8::from_str_radix(&color[from..from + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
