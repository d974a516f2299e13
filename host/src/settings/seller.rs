use std::path::PathBuf;

use clap::{Args, Subcommand};
use waybill_contracts::{DEFAULT_SELLER_ID, is_seller_id};

use super::{ComponentSettings, DatabaseSettings};

#[derive(Debug, Subcommand)]
pub enum SellerSettings {
    /// List the sellers by their identifiers and names.
    List {
        #[command(flatten)]
        service: InvoicesSettings,
    },
    /// Show a seller that invoices are issued by from now on, as JSON.
    Show {
        #[command(flatten)]
        seller: SellerChoice,
        #[command(flatten)]
        service: InvoicesSettings,
    },
    /// Set a seller that invoices are issued by from now on. For example: waybill seller show > seller.json, edit the file,
    /// waybill seller set seller.json
    Set {
        /// The file with the seller as JSON, as show prints it; - reads standard input.
        file: PathBuf,
        #[command(flatten)]
        seller: SellerChoice,
        #[command(flatten)]
        service: InvoicesSettings,
    },
}

/// Which seller a command is about.
#[derive(Args, Debug)]
pub struct SellerChoice {
    /// The identifier by which orders name the seller: 1 to 40 letters a to z, digits and hyphens. Orders that name none are invoiced by
    /// default.
    #[arg(long = "seller", value_name = "ID", default_value = DEFAULT_SELLER_ID, value_parser = seller_id)]
    pub id: String,
}

fn seller_id(text: &str) -> Result<String, String> {
    if is_seller_id(text) {
        Ok(text.to_owned())
    } else {
        Err("it must be 1 to 40 letters a to z, digits and hyphens, such as paper".to_owned())
    }
}

/// What a command needs to ask the invoices service itself.
#[derive(Args, Debug)]
pub struct InvoicesSettings {
    #[command(flatten)]
    pub databases: DatabaseSettings,
    #[command(flatten)]
    pub components: ComponentSettings,
}
