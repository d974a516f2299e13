//! The servers that settings name.

use anyhow::ensure;
use waybill_postgres::ServerConfig;

use crate::settings::{ComponentName, DatabaseSettings, Secret};

pub(super) fn server(url: &Secret, settings: &DatabaseSettings) -> anyhow::Result<ServerConfig> {
    let mut config = ServerConfig::new(url.expose())?;
    config.connections = settings.database_connections as usize;
    Ok(config)
}

/// Fails if both settings name one database: each service has migrations of its own, and neither may see the other's tables.
pub(super) fn ensure_two(settings: &DatabaseSettings) -> anyhow::Result<()> {
    let (Some(orders), Some(invoices)) = (&settings.orders_database_url, &settings.invoices_database_url)
    else {
        return Ok(());
    };
    // What is wrong with one of them is reported by its own name where it is opened.
    let (Ok(one), Ok(other)) = (ServerConfig::new(orders.expose()), ServerConfig::new(invoices.expose()))
    else {
        return Ok(());
    };
    ensure!(
        !one.names_the_database_of(&other),
        "{} and {} name one database, {}; each service needs a database of its own, for example {} and {}",
        setting(ComponentName::Orders),
        setting(ComponentName::Invoices),
        one.address(),
        "postgresql://user:password@localhost:5432/orders",
        "postgresql://user:password@localhost:5432/invoices",
    );
    Ok(())
}

/// The setting that names the server of a database, by its variable and its flag.
pub fn setting(name: ComponentName) -> &'static str {
    match name {
        ComponentName::Orders => "ORDERS_DATABASE_URL (--orders-database-url)",
        ComponentName::Invoices => "INVOICES_DATABASE_URL (--invoices-database-url)",
    }
}

pub(super) fn url(name: ComponentName, settings: &DatabaseSettings) -> Option<&Secret> {
    match name {
        ComponentName::Orders => settings.orders_database_url.as_ref(),
        ComponentName::Invoices => settings.invoices_database_url.as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        databases: DatabaseSettings,
    }

    #[test]
    fn one_database_for_both_services_is_refused_with_both_names() {
        let checked = |orders: &str, invoices: &str| {
            let words = ["waybill", "--orders-database-url", orders, "--invoices-database-url", invoices];
            ensure_two(&Program::parse_from(words).databases).map_err(|fault| fault.to_string())
        };
        for (orders, invoices) in [
            ("postgresql://u:geheim@h/d", "postgresql://u:geheim@h/d"),
            ("postgresql://u:geheim@h/d", "postgres://u:other@h:5432/d?sslmode=require"),
            ("postgresql://u:geheim@h", "postgresql://h/u?user=u"),
            ("postgresql:///d?host=/run/postgresql&user=u", "postgresql://u@%2Frun%2Fpostgresql/d"),
        ] {
            let fault = checked(orders, invoices).unwrap_err();
            for words in [
                "ORDERS_DATABASE_URL (--orders-database-url)",
                "INVOICES_DATABASE_URL (--invoices-database-url)",
                "name one database",
                "5432/orders",
            ] {
                assert!(fault.contains(words), "{fault}");
            }
            assert!(!fault.contains("geheim"), "{fault}");
        }
        for (orders, invoices) in [
            ("postgresql://h/orders", "postgresql://h/invoices"),
            ("postgresql://h:1/d", "postgresql://h:2/d"),
            ("postgresql://a/d", "postgresql://b/d"),
            // Schemas keep the tables apart.
            ("postgresql://u@h/d", "postgresql://v@h/d"),
            ("postgresql://h/d?options=-csearch_path%3Da", "postgresql://h/d?options=-csearch_path%3Db"),
        ] {
            assert_eq!(checked(orders, invoices), Ok(()));
        }
    }
}
