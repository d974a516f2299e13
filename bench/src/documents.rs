//! How many documents of an invoice one core makes, without a component around it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use waybill_documents::pdf::Fonts;
use waybill_documents::{Bill, Document, Language, Profile, Settlement, cii, example, page, pdf, ubl};

use crate::process::cpu_time;
use crate::report::{Report, line};

type Render<'a> = (&'static str, &'a dyn Fn() -> Result<Vec<u8>>);

/// Measures each kind, alternating. Its time is that of the processor, so that a busy machine changes little.
pub fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let invoice = example::invoice();
    let lines: Vec<_> = (0..200).map(|at| example::line(&format!("sku-{at}"), "Ink", 1, 100, 1900)).collect();
    let long = Document { bill: Bill::of_stored_lines(23_800, &lines), ..example::invoice() };
    let as_pdf = |document: &Document| Ok(pdf::render(document, Language::De, Fonts::NONE)?);
    let kinds: [Render<'_>; 5] = [
        ("PDFs of one page", &|| as_pdf(&invoice)),
        ("PDFs of 200 lines", &|| as_pdf(&long)),
        ("pages", &|| Ok(page::render(&invoice, &Settlement::default(), Language::De).into())),
        ("UBL", &|| {
            ubl::render(&invoice, Profile::En16931).ok().context("the example is an electronic invoice")
        }),
        ("CII", &|| {
            cii::render(&invoice, Profile::En16931).ok().context("the example is an electronic invoice")
        }),
    ];
    let mut report = Report::new("Documents", "Documents a second of one core");
    for round in 1..=rounds {
        let mut found = Vec::new();
        for (name, render) in &kinds {
            found.push(((*name).to_owned(), per_second(render, seconds)?));
        }
        println!("round {round}: {}", line(&found));
        report.add("a second", &found);
    }
    Ok(report)
}

fn per_second(render: &dyn Fn() -> Result<Vec<u8>>, seconds: u32) -> Result<f64> {
    let own = std::process::id();
    let (begun, used) = (Instant::now(), cpu_time(own)?);
    let mut count = 0_u32;
    while begun.elapsed() < Duration::from_secs(seconds.into()) {
        black_box(render()?);
        count += 1;
    }
    Ok(f64::from(count) / cpu_time(own)?.saturating_sub(used).as_secs_f64())
}
