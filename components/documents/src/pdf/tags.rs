//! The structure of a document (tagged PDF): title, paragraphs and tables. Screen readers need it, or they would have to guess
//! from positions on paper.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, Node, Tag, TagGroup, TagTree};

use super::sheet::{Part, Table};
use crate::Language;

/// The tags of a document, in the order in which its pieces are drawn.
pub struct Tags {
    title: String,
    nodes: Vec<Node>,
    open: Open,
}

/// The open structure element.
enum Open {
    Nothing,
    Text(Part, TagGroup),
    Table(Table, Vec<Vec<TagGroup>>),
}

impl Tags {
    /// The empty structure of a document with this title.
    pub fn new(title: String) -> Self {
        Self { title, nodes: Vec::new(), open: Open::Nothing }
    }

    /// Adds a piece. Artifacts are skipped, so that a table continues after a page's footer.
    pub fn add(&mut self, part: Part, piece: Identifier) {
        match part {
            Part::Artifact => {}
            Part::Cell { table, .. } => {
                if !matches!(self.open, Open::Table(open, _) if open == table) {
                    self.close();
                    self.open = Open::Table(table, Vec::new());
                }
                if let Open::Table(_, rows) = &mut self.open {
                    add_to_table(rows, part, piece);
                }
            }
            Part::Title | Part::Paragraph(_) => {
                if !matches!(self.open, Open::Text(open, _) if open == part) {
                    self.close();
                    self.open = Open::Text(part, self.group(part));
                }
                if let Open::Text(_, group) = &mut self.open {
                    group.push(piece);
                }
            }
        }
    }

    /// The tags as krilla writes them.
    pub fn tree(mut self, language: Language) -> TagTree {
        self.close();
        TagTree::from(self.nodes).with_lang(Some(language.tag().to_owned()))
    }

    fn group(&self, part: Part) -> TagGroup {
        if part == Part::Title {
            TagGroup::new(Tag::Hn(NonZeroU16::MIN, Some(self.title.clone())))
        } else {
            TagGroup::new(Tag::P)
        }
    }

    fn close(&mut self) {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => {}
            Open::Text(_, group) => self.nodes.push(group.into()),
            Open::Table(_, rows) => {
                let mut table = TagGroup::new(Tag::Table);
                for cells in rows {
                    let cells = cells.into_iter().map(Node::from).collect();
                    table.push(TagGroup::with_children(Tag::TR, cells));
                }
                self.nodes.push(table.into());
            }
        }
    }
}

/// Cells come row by row, and a cell's further lines after the other cells of its row.
fn add_to_table(rows: &mut Vec<Vec<TagGroup>>, part: Part, piece: Identifier) {
    let Part::Cell { row, column, head, .. } = part else { return };
    if rows.len() <= row {
        rows.resize_with(row + 1, Vec::new);
    }
    let cells = &mut rows[row];
    if cells.len() <= column {
        cells.resize_with(column + 1, || match head {
            Some(scope) => TagGroup::new(Tag::TH(scope)),
            None => TagGroup::new(Tag::TD),
        });
    }
    cells[column].push(piece);
}
