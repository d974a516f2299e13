use std::path::Path;
use std::sync::Arc;

use wasmtime::component::Component;
use waybill_postgres::Database;
use waybill_telemetry::Service;

use crate::access::Access;
use crate::http::ComponentService;
use crate::runtime::{Blueprint, Engine, HttpService, MessageService};
use crate::settings::ComponentName;

/// The orders component, over HTTP.
pub fn orders_service(
    engine: &Engine,
    component: &Component,
    database: &Database,
    service: &Service,
) -> anyhow::Result<ComponentService> {
    let blueprint = blueprint(ComponentName::Orders, engine, component, database, service)?;
    over_http(ComponentName::Orders, blueprint, database, service)
}

/// The invoices component, over HTTP and for messages. Its documents have letters of the fonts in this folder.
pub fn invoices_service(
    engine: &Engine,
    component: &Component,
    database: &Database,
    service: &Service,
    fonts: Option<&Path>,
) -> anyhow::Result<(ComponentService, MessageService)> {
    let blueprint = blueprint(ComponentName::Invoices, engine, component, database, service)?;
    let messages = MessageService::new(blueprint.clone())?;
    let blueprint = blueprint.with_fonts(fonts);
    Ok((over_http(ComponentName::Invoices, blueprint, database, service)?, messages))
}

fn blueprint(
    name: ComponentName,
    engine: &Engine,
    component: &Component,
    database: &Database,
    service: &Service,
) -> anyhow::Result<Blueprint> {
    Blueprint::new(name.as_str(), engine, component, Arc::new(database.clone()), service.clone())
}

fn over_http(
    name: ComponentName,
    blueprint: Blueprint,
    database: &Database,
    service: &Service,
) -> anyhow::Result<ComponentService> {
    let access = Access::new(name, database);
    Ok(ComponentService::new(name.as_str(), HttpService::new(blueprint)?, service.clone(), access))
}
