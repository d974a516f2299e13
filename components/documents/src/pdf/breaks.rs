//! Where a line may break in scripts that have no spaces between words.

/// Not at the beginning of a line: what closes, small letters, and what prolongs a letter (JIS X 4051).
const NEVER_FIRST: &str = "、。，．・：；？！）］｝〕〉》」』】〗〙〛〟｠ーゝゞヽヾ々〻ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ〜～％";

/// Not at the end of a line: what opens.
const NEVER_LAST: &str = "（［｛〔〈《「『【〖〘〚〝｟￥＄";

/// Whether a line of Chinese or Japanese may break between these two letters. Korean has spaces.
pub fn may_break_between(before: &str, after: &str) -> bool {
    let (Some(before), Some(after)) = (before.chars().next(), after.chars().next()) else { return false };
    is_ideographic(before)
        && is_ideographic(after)
        && !NEVER_LAST.contains(before)
        && !NEVER_FIRST.contains(after)
}

/// Han, kana, Yi, Bopomofo and the punctuation that goes with them.
fn is_ideographic(character: char) -> bool {
    matches!(
        u32::from(character),
        0x2e80..=0x312f | 0x31a0..=0x4dbf | 0x4e00..=0xa4cf | 0xf900..=0xfaff | 0xff00..=0xff9f | 0x20000..=0x3ffff
    )
}

#[cfg(test)]
mod tests {
    use super::may_break_between;

    #[test]
    fn japanese_breaks_between_letters_but_not_before_what_closes() {
        assert!(
            may_break_between("山", "田") && may_break_between("の", "川") && may_break_between("。", "山")
        );
        for (before, after) in
            [("山", "。"), ("「", "山"), ("ラ", "ー"), ("シ", "ョ"), ("한", "국"), ("A", "山"), ("", "山")]
        {
            assert!(!may_break_between(before, after), "{before}{after}");
        }
    }
}
