//! How a manifest is read.

use serde_json::Value;

/// The member at a path such as `spec/replicas`.
pub fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('/').fold(value, |value, name| &value[name])
}

pub fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).as_str().unwrap_or_default()
}

pub fn list<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    at(value, path).as_array().into_iter().flatten()
}

/// The Service at an address such as `waybill-orders:3333`.
pub fn service_at<'a>(manifests: &'a [Value], address: &str) -> Option<&'a Value> {
    let (name, port) = address.split_once(':')?;
    let port = port.parse::<u64>().ok()?;
    manifests.iter().find(|it| {
        it["kind"] == "Service"
            && text(it, "metadata/name") == name
            && list(it, "spec/ports").any(|it| it["port"].as_u64() == Some(port))
    })
}
