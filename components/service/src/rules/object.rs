//! An object with fields of its own, as the value of a field.

use std::marker::PhantomData;

#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::{RefOr, Schema};

use super::Item;
use crate::faults::Faults;
use crate::fields::{Check, Given};

/// An object with fields of its own.
pub struct Object<T>(PhantomData<T>);

impl<T> Object<T> {
    /// The rule.
    #[allow(clippy::new_without_default, reason = "a rule is a constant")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

#[allow(private_bounds, reason = "it is `Fields`, natively with a schema")]
impl<T: Item> Check for Object<T> {
    type Value = T;

    fn check(&self, given: Given<'_>) -> Result<T, Faults> {
        let object = given.json().map(|raw| T::from_json(raw.get().as_bytes()));
        match object {
            Some(Ok(read)) => read,
            _ => Err("must be an object".into()),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        match T::schema() {
            RefOr::T(schema) => schema,
            RefOr::Ref(_) => unreachable!("fields describe themselves"),
        }
    }
}
