//! Rules of objects, of arrays of them, and of what may be `null`.

use std::marker::PhantomData;

#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::{
    Ref, RefOr, Schema,
    schema::{ArrayBuilder, SchemaType, Type},
};

use crate::faults::Faults;
use crate::fields::{Check, Fields, Given};
use crate::json;

/// `null`, or what keeps the rule.
pub struct Nullable<C>(pub C);

impl<C: Check> Check for Nullable<C> {
    type Value = Option<C::Value>;

    fn check(&self, given: Given<'_>) -> Result<Self::Value, Faults> {
        match given {
            Given::Json(raw) if raw.get() == "null" => Ok(None),
            given => self.0.check(given).map(Some),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        let or_null = |schema_type| match schema_type {
            SchemaType::Type(one) => SchemaType::from_iter([one, Type::Null]),
            other => other,
        };
        match self.0.schema() {
            Schema::Object(mut object) => {
                object.schema_type = or_null(object.schema_type);
                Schema::Object(object)
            }
            Schema::Array(mut array) => {
                array.schema_type = or_null(array.schema_type);
                Schema::Array(array)
            }
            other => other,
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.schemas(schemas);
    }
}

/// An array of objects with fields of their own, at least one.
pub struct Items<T> {
    max: usize,
    name: &'static str,
    of: PhantomData<T>,
}

impl<T> Items<T> {
    /// At most `max` of them; the `name` of several is for the rule.
    pub const fn up_to(max: usize, name: &'static str) -> Self {
        Self { max, name, of: PhantomData }
    }
}

#[cfg(not(target_family = "wasm"))]
trait Item: Fields + utoipa::ToSchema {}

#[cfg(not(target_family = "wasm"))]
impl<T: Fields + utoipa::ToSchema> Item for T {}

#[cfg(target_family = "wasm")]
use Fields as Item;

#[allow(private_bounds, reason = "it is `Fields`, natively with a schema")]
impl<T: Item> Check for Items<T> {
    type Value = Vec<T>;

    fn check(&self, given: Given<'_>) -> Result<Vec<T>, Faults> {
        let elements = given.json().and_then(json::array);
        let Self { max, name, .. } = self;
        let elements = elements.filter(|elements| (1..=*max).contains(&elements.len()));
        let elements =
            elements.ok_or_else(|| Faults::from(format!("must be an array of 1 to {max} {name}")))?;
        let mut faults = Faults::default();
        let mut items = Vec::with_capacity(elements.len());
        // Each is read to its end, so that all faults are named.
        for (index, element) in elements.into_iter().enumerate() {
            let item = T::from_json(element.get().as_bytes());
            match item.unwrap_or_else(|_| Err("must be an object".into())) {
                Ok(item) => items.push(item),
                Err(fault) => faults.append(fault.within(format!("[{index}]"))),
            }
        }
        if faults.is_empty() { Ok(items) } else { Err(faults) }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        let item = Ref::from_schema_name(T::name());
        ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(self.max)).into()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into(), T::schema()));
        T::schemas(schemas);
    }
}

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

    /// The object itself stands where it is used, but its members may name others.
    #[cfg(not(target_family = "wasm"))]
    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}
