//! The seller that invoices are issued by from now on.

pub mod current_seller;
pub mod replace_seller;
pub mod show_seller;

mod contact;
