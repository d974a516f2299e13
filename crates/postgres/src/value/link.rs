//! The host side of an interface that has types and no functions: empty, but named by generated bindings.

use wasmtime::component::{HasData, Linker};

/// What a host must implement for the interface: nothing.
pub trait Host {}
impl<T: ?Sized> Host for T {}

/// What a host with access to its store must implement for the interface: nothing.
pub trait HostWithStore<T>: HasData {}
impl<T, D: HasData + ?Sized> HostWithStore<T> for D {}

/// Links the interface's functions, of which there are none.
#[allow(clippy::unnecessary_wraps, reason = "bindings call it as they call the others")]
pub fn add_to_linker<T, D>(_linker: &mut Linker<T>, _host: fn(&mut T) -> D::Data<'_>) -> wasmtime::Result<()>
where
    D: HostWithStore<T>,
    T: 'static,
{
    Ok(())
}
