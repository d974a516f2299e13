use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ComponentSettings, DatabaseSettings};

#[derive(Debug, Subcommand)]
pub enum SellerSettings {
    /// Show the seller that invoices are issued by from now on, as JSON.
    Show {
        #[command(flatten)]
        service: InvoicesSettings,
    },
    /// Set the seller that invoices are issued by from now on. For example: waybill seller show > seller.json, edit the file,
    /// waybill seller set seller.json
    Set {
        /// The file with the seller as JSON, as show prints it; - reads standard input.
        file: PathBuf,
        #[command(flatten)]
        service: InvoicesSettings,
    },
}

/// What a command needs to ask the invoices service itself.
#[derive(Args, Debug)]
pub struct InvoicesSettings {
    #[command(flatten)]
    pub databases: DatabaseSettings,
    #[command(flatten)]
    pub components: ComponentSettings,
}
