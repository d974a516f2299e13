//! What the documents say of the fields of a request.

use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder};
use utoipa::openapi::{RefOr, Required, Schema};

/// The description of fields that are read together.
pub trait Members {
    /// The documentation comment of the struct.
    const COMMENT: &str;

    /// The fields.
    fn members() -> Vec<Member>;
}

/// The description of one field.
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Whether it is required.
    pub is_required: bool,
    /// Its rule.
    pub schema: Schema,
    /// Its documentation comment.
    pub comment: &'static str,
    /// Its default value.
    pub default: Option<Value>,
    /// An example of its value.
    pub example: Option<Value>,
}

/// The schema of a body with these members and no others.
pub fn object<T: Members>() -> RefOr<Schema> {
    let empty = ObjectBuilder::new()
        .description(Some(T::COMMENT))
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    let add = |object: ObjectBuilder, member: Member| {
        let object = if member.is_required { object.required(member.name) } else { object };
        object.property(member.name, member.described())
    };
    T::members().into_iter().fold(empty, add).into()
}

/// Query parameters.
pub fn parameters<T: Members>() -> Vec<Parameter> {
    let parameter = |member: Member| {
        ParameterBuilder::new()
            .name(member.name)
            .parameter_in(ParameterIn::Query)
            .required(if member.is_required { Required::True } else { Required::False })
            .description(Some(member.comment))
            .schema(Some(member.schema))
            .build()
    };
    T::members().into_iter().map(parameter).collect()
}

impl Member {
    fn described(self) -> Schema {
        let comment = Some(self.comment.to_owned()).filter(|comment| !comment.is_empty());
        match self.schema {
            Schema::Object(mut object) => {
                object.description = comment;
                object.default = self.default;
                object.example = self.example;
                Schema::Object(object)
            }
            Schema::Array(mut array) => {
                array.description = comment;
                Schema::Array(array)
            }
            other => other,
        }
    }
}
