//! What was measured, as a table for people and as JSON for programs.

use std::fmt;

use serde_json::{Value, json};

/// One comparison: what each contender did in each round.
#[derive(Debug)]
pub struct Report {
    title: &'static str,
    about: &'static str,
    /// The contender that the others are compared with.
    base: Option<&'static str>,
    contenders: Vec<String>,
    quantities: Vec<Quantity>,
}

#[derive(Debug)]
struct Quantity {
    name: String,
    /// By contender, in the order of the report; a value for each round.
    values: Vec<Vec<f64>>,
}

/// The median of all rounds, and how far they were apart.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub least: f64,
    pub median: f64,
    pub most: f64,
}

impl Report {
    /// An empty report.
    pub fn new(title: &'static str, about: &'static str) -> Self {
        Self { title, about, base: None, contenders: Vec::new(), quantities: Vec::new() }
    }

    /// Compares all others with this contender.
    pub fn against(self, base: &'static str) -> Self {
        Self { base: Some(base), ..self }
    }

    /// Adds what a contender did in one round. Names end in their unit.
    pub fn add(&mut self, contender: &str, found: &[(String, f64)]) {
        let column = index_of(&mut self.contenders, |known| known == contender, || contender.to_owned());
        for (name, value) in found {
            let new = || Quantity { name: name.clone(), values: Vec::new() };
            let row = index_of(&mut self.quantities, |quantity| quantity.name == *name, new);
            let values = &mut self.quantities[row].values;
            values.resize(values.len().max(column + 1), Vec::new());
            values[column].push(*value);
        }
    }

    /// The values of a contender for a quantity.
    pub fn of(&self, contender: &str, quantity: &str) -> Option<Spread> {
        let column = self.contenders.iter().position(|name| name == contender)?;
        let row = self.quantities.iter().find(|known| known.name == quantity)?;
        Spread::of(row.values.get(column)?)
    }

    /// A contender's median divided by that of the base.
    pub fn ratio(&self, contender: &str, quantity: &str) -> Option<f64> {
        Some(self.of(contender, quantity)?.median / self.of(self.base?, quantity)?.median)
    }

    /// Everything that was measured.
    pub fn json(&self) -> Value {
        let of = |quantity: &Quantity| {
            let values: serde_json::Map<_, _> = self
                .contenders
                .iter()
                .cloned()
                .zip(quantity.values.iter().map(|values| json!(values)))
                .collect();
            (quantity.name.clone(), Value::Object(values))
        };
        let quantities: serde_json::Map<_, _> = self.quantities.iter().map(of).collect();
        json!({ "title": self.title, "about": self.about, "base": self.base, "measured": quantities })
    }
}

/// What was found in one round, in one line.
pub fn line(found: &[(String, f64)]) -> String {
    let parts: Vec<_> = found.iter().map(|(what, value)| format!("{what} {value:.3}")).collect();
    parts.join(", ")
}

fn index_of<T>(all: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    all.iter().position(is_it).unwrap_or_else(|| {
        all.push(new());
        all.len() - 1
    })
}

impl fmt::Display for Report {
    /// A table in Markdown.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "\n### {}\n\n{}; medians (least – most).\n", self.title, self.about)?;
        let compared: Vec<&String> =
            self.contenders.iter().filter(|name| self.base.is_some_and(|base| base != *name)).collect();
        write!(out, "| |")?;
        for name in &self.contenders {
            write!(out, " {name} |")?;
        }
        for name in &compared {
            write!(out, " {name} / {} |", self.base.unwrap_or_default())?;
        }
        writeln!(out, "\n|---|{}", "---:|".repeat(self.contenders.len() + compared.len()))?;
        for quantity in &self.quantities {
            write!(out, "| {} |", quantity.name)?;
            for name in &self.contenders {
                match self.of(name, &quantity.name) {
                    Some(spread) => write!(out, " {spread} |")?,
                    None => write!(out, " |")?,
                }
            }
            for name in &compared {
                match self.ratio(name, &quantity.name) {
                    Some(ratio) => write!(out, " {ratio:.2} |")?,
                    None => write!(out, " |")?,
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

impl Spread {
    fn of(values: &[f64]) -> Option<Self> {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let median = *values.get(values.len() / 2)?;
        Some(Self { least: *values.first()?, median, most: *values.last()? })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match self.median {
            median if median < 1.0 => 3,
            median if median < 100.0 => 1,
            _ => 0,
        };
        write!(out, "{:.digits$} ({:.digits$} – {:.digits$})", self.median, self.least, self.most)
    }
}
