//! What a text is set in: the built-in face, and the operator's fonts for letters that it lacks.

use krilla::text::{Font, KrillaGlyph};

use super::breaks::may_break_between;
use super::direction::{self, has_right_to_left};
use super::face::{Face, Faces, Weight, is_plain};
use super::other_fonts::{OtherFonts, script_of};
use super::text::{PLACEHOLDER, Piece, Source, clusters, is_invisible, pieces};

/// Both weights.
#[derive(Clone, Copy)]
pub struct Typefaces<'a> {
    pub others: &'a OtherFonts<'a>,
}

impl<'a> Typefaces<'a> {
    pub fn of(self, weight: Weight) -> Typeface<'a> {
        Typeface { face: Faces::get().of(weight), weight, others: self.others }
    }
}

/// One weight.
#[derive(Clone, Copy)]
pub struct Typeface<'a> {
    face: &'static Face,
    weight: Weight,
    others: &'a OtherFonts<'a>,
}

/// A piece of a line at its place.
pub struct Placed<'t> {
    /// Where the pen starts: at the left of the piece, or at its right if the piece goes from right to left.
    pub x: f32,
    /// What is drawn.
    pub shown: &'t str,
    /// The text that is stored in place of what is drawn.
    pub stands_for: Option<&'t str>,
    /// The number of the operator's font, or `None` for the built-in face.
    pub font: Option<usize>,
    pub glyphs: Vec<KrillaGlyph>,
}

impl Typeface<'_> {
    /// The font of a piece, for drawing. Only after all texts are placed.
    pub fn font(self, number: Option<usize>) -> Option<Font> {
        match number {
            None => Some(self.face.font()),
            Some(number) => self.others.font(number),
        }
    }

    /// The parts of a composed text: those that the face has, those that another font has, and those that none has.
    pub fn pieces(self, text: &str) -> Vec<Piece<'_>> {
        if is_plain(text) {
            return vec![Piece::Drawn(text)];
        }
        let mut last = None;
        let source = |cluster: &str| {
            if self.face.has(cluster) {
                return Source::Face;
            }
            let Some(number) = self.others.that_has(cluster, self.weight) else { return Source::Nowhere };
            let script = Some(script_of(cluster)).filter(|script| *script != harfrust::script::UNKNOWN);
            // Signs of all scripts go with the letters before them.
            last = script.or(last);
            Source::Other { number, script: last }
        };
        let mut pieces = pieces(text, source);
        for piece in &mut pieces {
            if let Piece::Other(text, number) = *piece
                && self.others.shape(number, text, None).is_none()
            {
                *piece = Piece::Lacking(text);
            }
        }
        pieces
    }

    /// Whether none has some letter.
    pub fn lacks_letters(self, text: &str) -> bool {
        self.pieces(text).iter().any(|piece| matches!(piece, Piece::Lacking(_)))
    }

    /// The width of a composed text, in the unit of `size`.
    pub fn width(self, text: &str, size: f32) -> f32 {
        if is_plain(text) {
            return self.face.width(text) * size;
        }
        self.pieces(text).iter().map(|piece| self.width_of(piece)).sum::<f32>() * size
    }

    /// In ems.
    fn width_of(self, piece: &Piece<'_>) -> f32 {
        match *piece {
            Piece::Drawn(text) => self.face.width(text),
            Piece::Other(text, number) => {
                self.others.shape(number, text, None).map_or(0.0, |shaped| shaped.width)
            }
            Piece::Lacking(_) => self.face.width(PLACEHOLDER),
        }
    }

    /// The pieces of a line that begins at `x`, in the order of reading.
    pub fn placed(self, line: &str, mut x: f32, size: f32) -> Vec<Placed<'_>> {
        let pieces = self.pieces(line);
        let is_other = |piece: &Piece<'_>| matches!(piece, Piece::Other(..));
        if !has_right_to_left(line) || !pieces.iter().any(is_other) {
            return pieces.into_iter().map(|piece| self.place(piece, &mut x, size, false)).collect();
        }
        let mut placed = Vec::new();
        for run in direction::runs(line) {
            let mut at = run.range.start;
            let mut of_run = Vec::new();
            for piece in self.pieces(&line[run.range]) {
                of_run.push((at, piece));
                at += piece.text().len();
            }
            if run.is_right_to_left {
                of_run.reverse();
            }
            for (at, piece) in of_run {
                placed.push((at, self.place(piece, &mut x, size, run.is_right_to_left)));
            }
        }
        placed.sort_by_key(|(at, _)| *at);
        placed.into_iter().map(|(_, placed)| placed).collect()
    }

    /// Places a piece at `x`, which goes to its end.
    fn place<'t>(self, piece: Piece<'t>, x: &mut f32, size: f32, is_right_to_left: bool) -> Placed<'t> {
        let left = *x;
        *x += self.width_of(&piece) * size;
        let x = if is_right_to_left { *x } else { left };
        let placed = |shown, glyphs| Placed { x, shown, stands_for: None, font: None, glyphs };
        match piece {
            Piece::Drawn(text) if is_right_to_left => placed(text, self.face.glyphs_from_right_to_left(text)),
            Piece::Drawn(text) => placed(text, self.face.glyphs(text)),
            Piece::Other(text, number) => {
                let glyphs = self.others.drawn(number, text, is_right_to_left);
                Placed { font: Some(number), ..placed(text, glyphs) }
            }
            Piece::Lacking(text) => {
                let placeholder = self.face.glyphs(PLACEHOLDER);
                Placed { x: left, stands_for: Some(text), ..placed(PLACEHOLDER, placeholder) }
            }
        }
    }

    /// Breaks a composed text into lines of at most this width: at spaces, between letters of scripts without spaces, and within a word
    /// that is wider than a line.
    pub fn lines(self, text: &str, size: f32, width: f32) -> Vec<String> {
        let space = self.face.width(" ") * size;
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0.0;
        for word in self.words(text) {
            let needed = self.width(&word.text, size);
            let space = if word.is_joined { 0.0 } else { space };
            if !line.is_empty() && used + space + needed <= width {
                if !word.is_joined {
                    line.push(' ');
                }
                line.push_str(&word.text);
                used += space + needed;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            used = 0.0;
            for (part, needed) in self.parts(&word.text, needed / size) {
                if used + needed * size > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push_str(part);
                used += needed * size;
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        if lines.len() > 1
            && has_right_to_left(text)
            && self.pieces(text).iter().any(|piece| matches!(piece, Piece::Other(..)))
        {
            let of_text = direction::direction(text);
            lines = lines.into_iter().map(|line| direction::of_paragraph(&of_text, line)).collect();
        }
        lines
    }

    /// The words of a text. Letters that no font has are one word, since one sign stands for them.
    fn words(self, text: &str) -> Vec<Word> {
        let mut words = vec![Word::default()];
        for piece in self.pieces(text) {
            match piece {
                Piece::Drawn(text) => {
                    for (index, part) in text.split(' ').enumerate() {
                        if index > 0 {
                            words.push(Word::default());
                        }
                        last(&mut words).push_str(part);
                    }
                }
                Piece::Other(text, _) => {
                    let mut before = "";
                    for cluster in clusters(text) {
                        if may_break_between(before, cluster.text) {
                            words.push(Word { is_joined: true, ..Word::default() });
                        }
                        last(&mut words).push_str(cluster.text);
                        before = cluster.text;
                    }
                }
                Piece::Lacking(text) => last(&mut words).push_str(text),
            }
        }
        words.retain(|word| !word.text.chars().all(is_invisible));
        words
    }

    /// What a word can be broken into, with widths in ems.
    fn parts(self, word: &str, width: f32) -> Vec<(&str, f32)> {
        if width < 1.0 {
            return vec![(word, width)];
        }
        let mut parts = Vec::new();
        for piece in self.pieces(word) {
            match piece {
                Piece::Drawn(text) => {
                    parts.extend(
                        clusters(text).map(|cluster| (cluster.text, self.face.advance(cluster.text))),
                    );
                }
                Piece::Other(text, number) => {
                    let part = |text| (text, self.width_of(&Piece::Other(text, number)));
                    parts.extend(clusters(text).map(|cluster| part(cluster.text)));
                }
                Piece::Lacking(text) => parts.push((text, self.face.width(PLACEHOLDER))),
            }
        }
        parts
    }
}

/// A part of a line that is not broken unless it is wider than a line.
#[derive(Default)]
struct Word {
    text: String,
    /// Whether there is no space before it.
    is_joined: bool,
}

fn last(words: &mut [Word]) -> &mut String {
    &mut words.last_mut().expect("there is one from the beginning").text
}

#[cfg(test)]
mod tests;
