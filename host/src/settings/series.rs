use std::path::PathBuf;

use clap::Subcommand;

use super::{InvoicesSettings, SellerChoice};

#[derive(Debug, Subcommand)]
pub enum SeriesSettings {
    /// Show how a seller's numbers and dates are formed from now on, as JSON.
    Show {
        #[command(flatten)]
        seller: SellerChoice,
        #[command(flatten)]
        service: InvoicesSettings,
    },
    /// Set how a seller's numbers and dates are formed from now on. For example: waybill series show > series.json, edit the file, waybill series
    /// set series.json
    Set {
        /// The file with the settings as JSON, as show prints them; - reads standard input.
        file: PathBuf,
        #[command(flatten)]
        seller: SellerChoice,
        #[command(flatten)]
        service: InvoicesSettings,
    },
}
