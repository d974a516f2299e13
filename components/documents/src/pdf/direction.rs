//! Text that is written from right to left, or in both directions (UAX #9).

use std::borrow::Cow;
use std::ops::Range;

use unicode_bidi::{BidiClass, BidiInfo, Direction, bidi_class, get_base_direction};

/// A part of a line that is written in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub range: Range<usize>,
    pub is_right_to_left: bool,
}

const LEFT_TO_RIGHT_MARK: char = '\u{200e}';
const RIGHT_TO_LEFT_MARK: char = '\u{200f}';

/// Whether a text has letters that are written from right to left.
pub fn has_right_to_left(text: &str) -> bool {
    text.chars().any(|character| {
        // Those before have none.
        character >= '\u{590}'
            && matches!(bidi_class(character), BidiClass::R | BidiClass::AL | BidiClass::AN)
    })
}

/// The parts of a line from the left to the right of the paper. The line's first letter with a direction decides about the line.
pub fn runs(line: &str) -> Vec<Run> {
    let line = without_overrides(line);
    let info = BidiInfo::new(&line, None);
    let Some(paragraph) = info.paragraphs.first() else { return Vec::new() };
    let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
    let run = |range: Range<usize>| Run { is_right_to_left: levels[range.start].is_rtl(), range };
    runs.into_iter().map(run).collect()
}

/// A line of a paragraph with the mark that gives it the paragraph's direction, where its own letters would give it another.
pub fn of_paragraph(paragraph: &Direction, line: String) -> String {
    if get_base_direction(line.as_str()) == *paragraph {
        return line;
    }
    let mark = match paragraph {
        Direction::Ltr => LEFT_TO_RIGHT_MARK,
        Direction::Rtl => RIGHT_TO_LEFT_MARK,
        Direction::Mixed => return line,
    };
    format!("{mark}{line}")
}

/// The direction of a paragraph.
pub fn direction(paragraph: &str) -> Direction {
    get_base_direction(paragraph)
}

/// Without the characters that order letters otherwise than they are read: with them, one text shows as another.
fn without_overrides(line: &str) -> Cow<'_, str> {
    let is_override = |character| matches!(character, '\u{202a}'..='\u{202e}');
    if !line.contains(is_override) {
        return Cow::Borrowed(line);
    }
    // Positions stay: this one has no effect, and as many bytes.
    Cow::Owned(line.replace(is_override, "\u{200b}"))
}

/// What a bracket looks like from right to left.
pub fn mirrored(character: char) -> char {
    const PAIRS: [(char, char); 6] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›')];
    let other = |(left, right): &(char, char)| match character {
        _ if character == *left => Some(*right),
        _ if character == *right => Some(*left),
        _ => None,
    };
    PAIRS.iter().find_map(other).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of a line's runs from left to right, those from right to left in brackets.
    fn shown(line: &str) -> Vec<String> {
        let text = |run: Run| {
            let text = &line[run.range];
            if run.is_right_to_left { format!("<{text}>") } else { text.to_owned() }
        };
        runs(line).into_iter().map(text).collect()
    }

    #[test]
    fn a_line_is_ordered_by_its_first_letter() {
        assert_eq!(shown("Shalom שלום Ltd"), ["Shalom ", "<שלום>", " Ltd"]);
        assert_eq!(shown("שלום Ltd 7"), ["Ltd 7", "<שלום >"]);
        assert_eq!(shown("شركة 12 (ABC)"), ["<)>", "ABC", "< (>", "12", "<شركة >"]);
        assert_eq!(shown("Ink"), ["Ink"]);
        assert!(shown("").is_empty());
    }

    #[test]
    fn a_line_of_a_paragraph_has_the_paragraph_s_direction() {
        let paragraph = direction("שלום Example");
        assert_eq!(
            shown(&of_paragraph(&paragraph, "Example ואחרים".to_owned())).last().unwrap(),
            "<\u{200f}>"
        );
        assert_eq!(of_paragraph(&paragraph, "שלום".to_owned()), "שלום");
        assert_eq!(of_paragraph(&direction("Ink"), "שלום".to_owned()), "\u{200e}שלום");
    }

    #[test]
    fn letters_cannot_be_ordered_otherwise_than_they_are_read() {
        assert_eq!(shown("\u{202e}001 Euro\u{202c} שלום").first().unwrap(), "\u{202e}001 Euro\u{202c} ");
    }

    #[test]
    fn a_text_in_one_direction_is_recognised() {
        assert!(["שלום", "abc شركة", "٣"].into_iter().all(has_right_to_left));
        assert!(!["Ink", "山田", "Ωμέγα", "नमस्ते"].into_iter().any(has_right_to_left));
    }
}
