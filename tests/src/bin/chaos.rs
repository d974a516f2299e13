//! `cargo xtask chaos`: the long run of the chaos experiment, with a progress bar and a ledger.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use waybill_tests::chaos::{Plan, run};

/// Break the whole system again and again under load, and check after each fault that nothing was lost, doubled or left
/// out.
#[derive(Parser)]
#[command(bin_name = "cargo xtask chaos")]
struct Settings {
    /// Orders to be placed.
    #[arg(long, default_value_t = 20_000)]
    orders: usize,
    /// Faults to be injected.
    #[arg(long, default_value_t = 40)]
    faults: usize,
    /// The same seed draws the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The most orders that are placed in a second.
    #[arg(long, default_value_t = 400)]
    orders_per_second: u32,
    /// One line of JSON for each fault.
    #[arg(long, default_value = "chaos-ledger.jsonl")]
    ledger: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Settings { orders, faults, seed, orders_per_second, ledger } = Settings::parse();
    let plan = Plan { orders, faults: faults.max(1), seed, orders_per_second, ledger: ledger.clone() };
    let bar = ProgressBar::new(plan.faults as u64).with_style(ProgressStyle::with_template(
        "{elapsed_precise} {bar:30} fault {pos}/{len}, {msg}, ends in {eta}",
    )?);
    bar.enable_steady_tick(Duration::from_secs(1));
    let begun = Instant::now();
    let outcome = run(&plan, |number, acknowledged, fault| {
        bar.set_position(number as u64 - 1);
        bar.set_message(format!("{acknowledged} orders, now {fault:?}"));
        if bar.is_hidden() {
            println!("fault {number}/{}: {fault:?} ({acknowledged} orders)", plan.faults);
        }
    })
    .await;
    bar.finish_and_clear();
    let outcome = outcome
        .with_context(|| format!("seed {seed}; the ledger is {}", ledger.display()))?
        .context("PostgreSQL or RabbitMQ is not installed; cargo xtask test installs them")?;
    let counts = &outcome.counts;
    println!(
        "{} faults, {} orders acknowledged, in {:?}",
        outcome.faults,
        outcome.acknowledged,
        begun.elapsed()
    );
    println!("{} orders written, {} invoices", counts.orders, counts.invoices);
    println!(
        "lost {}, duplicated {}, gaps {}, dead letters {}",
        counts.lost_orders, counts.duplicates, counts.gaps, counts.dead_letters
    );
    println!("slowest recovery {:?} after {:?}", outcome.slowest.0, outcome.slowest.1);
    println!("waybill audit: {}", outcome.audit);
    println!("ledger: {}", ledger.display());
    Ok(())
}
