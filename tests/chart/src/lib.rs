//! The Helm chart of `deploy/helm/waybill`: rendered by Helm, and what must hold of every manifest. [`rules::faults`] has the rules, which
//! compare them with each other, with the documents that the program's own tests hold, and with what else is deployed.

mod chart;
mod manifest;
mod pods;
pub mod rules;
mod schemas;

pub use chart::{Chart, is_helm_there, project};
pub use pods::{Pod, components};
pub use schemas::{are_schemas_there, faults as schema_faults};
