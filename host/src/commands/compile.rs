//! `waybill compile`: compiles components ahead of the first start.

use crate::runtime::{Engine, Limits};
use crate::settings::{CompileSettings, ComponentName};
use crate::{components, output};

pub fn run(settings: &CompileSettings) -> anyhow::Result<()> {
    let engine = Engine::new(Limits::default());
    let names = match settings.names.as_slice() {
        [] => &[ComponentName::Orders, ComponentName::Invoices],
        names => names,
    };
    let folder = settings.components.compiled_in(&settings.data);
    for name in names {
        let bytes = components::bytes(*name, &settings.components)?;
        let file = components::compiled_file(&folder, &engine, *name, &bytes)?;
        output::notice(format_args!("{:<9} {}", name.as_str(), file.display()));
    }
    Ok(())
}
