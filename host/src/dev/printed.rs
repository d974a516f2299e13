use std::collections::VecDeque;

use anstream::adapter::StripBytes;

/// The first bytes that are kept: compilers begin with the error from which the others follow.
const FIRST_BYTES: usize = 48 << 10;

/// The last bytes that are kept: what runs a compiler says at the end what failed.
const LAST_BYTES: usize = 16 << 10;

/// What a build has printed, without the sequences of terminals.
#[derive(Default)]
pub(super) struct Printed {
    strip: StripBytes,
    first: Vec<u8>,
    last: VecDeque<u8>,
    dropped: usize,
}

impl Printed {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for part in self.strip.strip_next(bytes) {
            let (first, rest) = part.split_at(part.len().min(FIRST_BYTES - self.first.len()));
            self.first.extend_from_slice(first);
            self.last.extend(rest);
        }
        let excess = self.last.len().saturating_sub(LAST_BYTES);
        self.last.drain(..excess);
        self.dropped += excess;
    }

    pub(super) fn text(self) -> String {
        let Self { mut first, last, dropped, .. } = self;
        if dropped > 0 {
            first.extend_from_slice(format!("\n… {dropped} bytes are left out …\n").as_bytes());
        }
        first.extend(last);
        String::from_utf8_lossy(&first).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_left_out_even_where_a_sequence_is_cut() {
        let mut printed = Printed::default();
        for bytes in [&b"\x1b[1m\x1b[38;5;9merror\x1b[0"[..], b"m: mismatched <types>\n"] {
            printed.push(bytes);
        }
        assert_eq!(printed.text(), "error: mismatched <types>\n");
    }

    #[test]
    fn what_is_kept_of_a_long_output_is_its_beginning_and_its_end() {
        let mut printed = Printed::default();
        printed.push(b"begin\n");
        for _ in 0..10_000 {
            printed.push(b"a line of some length\n");
        }
        printed.push(b"end\n");
        let text = printed.text();
        assert!(text.starts_with("begin\n") && text.ends_with("end\n"), "{text}");
        assert!(text.contains(" bytes are left out …"), "{text}");
        assert!(text.len() < FIRST_BYTES + LAST_BYTES + 100, "{}", text.len());
    }
}
