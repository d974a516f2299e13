use utoipa::openapi::OpenApi;
use waybill_contracts::Scope;

/// What a document says of a route.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// What a request needs.
    pub access: Access,
    /// The operation and the schemas that it names, in a document of its own.
    pub document: fn() -> OpenApi,
}

/// What a request needs.
#[derive(Clone, Copy, Debug)]
pub enum Access {
    /// An API key of this scope, which the host checks.
    Scope(Scope),
    /// A bearer token, which the operation checks. The document calls it by this name.
    Token(&'static str),
}
