//! What the representations of an invoice cost on one core: `cargo bench --package waybill-bench --bench documents`.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use waybill_documents::pdf::Fonts;
use waybill_documents::{
    Bill, Customer, Document, Language, Profile, Settlement, cii, example, page, pdf, ubl,
};

fn documents(criterion: &mut Criterion) {
    let invoice = example::invoice();
    let lines: Vec<_> = (0..200).map(|at| example::line(&format!("sku-{at}"), "Ink", 1, 100, 1900)).collect();
    let long = Document { bill: Bill::of_stored_lines(23_800, &lines), ..example::invoice() };
    let foreign = Document {
        customer: Customer { name: Some("株式会社山田商店".into()), ..Customer::default() },
        ..example::invoice()
    };
    let mut group = criterion.benchmark_group("documents");
    group.throughput(Throughput::Elements(1));
    for (name, document) in
        [("pdf: one page", &invoice), ("pdf: 200 lines", &long), ("pdf: letters lack", &foreign)]
    {
        group.bench_function(name, |bench| {
            bench.iter(|| pdf::render(document, Language::De, Fonts::NONE).expect("a PDF"));
        });
    }
    group.bench_function("page", |bench| {
        bench.iter(|| page::render(&invoice, &Settlement::default(), Language::De));
    });
    group.bench_function("ubl", |bench| {
        bench.iter(|| ubl::render(&invoice, Profile::En16931).expect("two digits"));
    });
    group.bench_function("cii", |bench| {
        bench.iter(|| cii::render(&invoice, Profile::En16931).expect("two digits"));
    });
}

criterion_group! {
    name = all;
    config = Criterion::default().measurement_time(Duration::from_secs(5)).without_plots();
    targets = documents
}
criterion_main!(all);
