use crate::Tag;

/// A font of these tables. It has no sums of its tables: nothing that reads it checks them.
pub fn assemble(tables: &[(Tag, Vec<u8>)]) -> Vec<u8> {
    let mut tables: Vec<_> = tables.iter().collect();
    tables.sort_unstable_by_key(|(tag, _)| *tag);
    let is_cff = tables.iter().any(|(tag, _)| tag == b"CFF ");
    let count = u16::try_from(tables.len()).unwrap_or(u16::MAX);
    let mut font = if is_cff { b"OTTO".to_vec() } else { vec![0, 1, 0, 0] };
    font.extend(count.to_be_bytes());
    // For binary search, which nobody does.
    font.extend([0; 6]);
    let mut at = font.len() + 16 * tables.len();
    for (tag, bytes) in &tables {
        font.extend(tag);
        font.extend([0; 4]);
        font.extend(number(at));
        font.extend(number(bytes.len()));
        at += bytes.len().next_multiple_of(4);
    }
    for (_, bytes) in &tables {
        font.extend(bytes);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    font
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}
