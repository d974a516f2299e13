//! Values of attributes, which are reported as JSON.

use opentelemetry::{Array, StringValue, Value};

use crate::limit::{TEXT_LIMIT_BYTES, shortened};

/// The longest JSON that is read, in bytes; of a longer one the beginning is the value.
const JSON_BYTES: usize = 2 * TEXT_LIMIT_BYTES;

/// The most elements of a list that stays one.
const ELEMENTS: usize = 64;

/// A text, a number, a truth value, or a list of values of one of these types. Anything else stays the text that it is.
pub(super) fn of_json(json: &str) -> Value {
    if json.len() > JSON_BYTES {
        return text(json);
    }
    match serde_json::from_str(json) {
        Ok(serde_json::Value::Array(list)) if list.len() <= ELEMENTS => {
            array(&list).map_or_else(|| text(json), Value::Array)
        }
        Ok(value) => scalar(&value).unwrap_or_else(|| text(json)),
        Err(_) => text(json),
    }
}

/// What a value takes beside the enum itself, in bytes.
pub(super) fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(list)) => {
            list.iter().map(|text| size_of::<StringValue>() + text.as_str().len()).sum()
        }
        Value::Array(Array::I64(list)) => size_of_val(list.as_slice()),
        Value::Array(Array::F64(list)) => size_of_val(list.as_slice()),
        Value::Array(Array::Bool(list)) => list.len(),
        _ => 0,
    }
}

fn scalar(value: &serde_json::Value) -> Option<Value> {
    match value {
        serde_json::Value::String(value) => Some(text(value)),
        serde_json::Value::Bool(value) => Some(Value::Bool(*value)),
        serde_json::Value::Number(value) => {
            value.as_i64().map(Value::I64).or_else(|| value.as_f64().map(Value::F64))
        }
        _ => None,
    }
}

/// `None` if the elements are not of one type. An empty list has no type, and is one of texts.
fn array(list: &[serde_json::Value]) -> Option<Array> {
    of_one_type(list, |value| value.as_str().map(|text| text.to_owned().into()))
        .map(Array::String)
        .or_else(|| of_one_type(list, serde_json::Value::as_bool).map(Array::Bool))
        .or_else(|| of_one_type(list, serde_json::Value::as_i64).map(Array::I64))
        .or_else(|| of_one_type(list, serde_json::Value::as_f64).map(Array::F64))
}

fn of_one_type<T>(
    list: &[serde_json::Value],
    read: impl Fn(&serde_json::Value) -> Option<T>,
) -> Option<Vec<T>> {
    list.iter().map(read).collect()
}

fn text(text: &str) -> Value {
    Value::String(shortened(text, TEXT_LIMIT_BYTES).into_owned().into())
}
