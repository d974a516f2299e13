//! The fields of a form, from the schema of a request's body and back.

use serde_json::{Map, Value};

use crate::pages::parameter;

/// A member of a body, as a field of a form. That of an inner object is named `outer.inner`.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub label: String,
    /// What it means.
    pub hint: String,
    pub value: String,
    pub input: Input,
    pub is_required: bool,
    /// The rule that it breaks.
    pub fault: Option<String>,
}

impl Field {
    /// The identifiers of the elements that describe it, on the form of this name.
    pub fn described_by(&self, form: &str) -> String {
        let fault = self.fault.as_ref().map(|_| format!(" {form}-{}-fault", self.name));
        format!("{form}-{}-hint{}", self.name, fault.unwrap_or_default())
    }

    /// Whether the value is none of the choices, as one that was refused may be.
    pub fn is_another_choice(&self) -> bool {
        matches!(&self.input, Input::Choice(choices) if !self.value.is_empty() && !choices.contains(&self.value))
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    Text,
    Number,
    /// One of these.
    Choice(Vec<String>),
}

/// The fields of a schema with their values: those of `first`, and then all others.
pub fn fields(schema: &Value, values: &Value, first: &[&str]) -> Vec<Field> {
    let mut fields = Vec::new();
    add(&mut fields, "", schema, values, true);
    let place = |field: &Field| first.iter().position(|name| *name == field.name).unwrap_or(first.len());
    fields.sort_by_key(place);
    fields
}

fn add(fields: &mut Vec<Field>, outer: &str, schema: &Value, values: &Value, is_outer_required: bool) {
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|it| it == name));
    for (member, rule) in schema["properties"].as_object().into_iter().flatten() {
        let (name, value) = (format!("{outer}{member}"), &values[member]);
        let is_required = is_outer_required && required(member);
        if rule["properties"].is_object() {
            add(fields, &format!("{name}."), rule, value, is_required);
            continue;
        }
        fields.push(Field {
            label: words(&name),
            hint: rule["description"].as_str().unwrap_or_default().replace('`', "").replace('\n', " "),
            value: match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
            input: input(rule),
            is_required,
            name,
            fault: None,
        });
    }
}

fn input(rule: &Value) -> Input {
    if let Some(choices) = rule["enum"].as_array() {
        return Input::Choice(choices.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    }
    match rule["type"].as_str() {
        Some("integer" | "number") => Input::Number,
        _ => Input::Text,
    }
}

/// The body that a form says. A field without text is a member that is not there, unless it may be empty.
pub fn read(schema: &Value, form: &str) -> Value {
    read_object(schema, form, "").into()
}

fn read_object(schema: &Value, form: &str, outer: &str) -> Map<String, Value> {
    let mut body = Map::new();
    for (member, rule) in schema["properties"].as_object().into_iter().flatten() {
        let name = format!("{outer}{member}");
        let value = if rule["properties"].is_object() {
            let inner = read_object(rule, form, &format!("{name}."));
            (!inner.is_empty()).then(|| inner.into())
        } else {
            parameter(form, &name).and_then(|text| value(rule, text.trim()))
        };
        body.extend(value.map(|value| (member.clone(), value)));
    }
    body
}

fn value(rule: &Value, text: &str) -> Option<Value> {
    if text.is_empty() {
        let may_be_empty =
            rule["default"].is_string() && rule["minLength"].is_null() && input(rule) == Input::Text;
        return may_be_empty.then(|| text.into());
    }
    // What is no number is left to the service, which says so by its field.
    let number = || text.parse::<i64>().ok().map(Value::from);
    let is_number = input(rule) == Input::Number;
    Some(if is_number { number().unwrap_or_else(|| text.into()) } else { text.into() })
}

/// Words that are written in capitals, since each letter stands for a word.
const ABBREVIATIONS: [&str; 4] = ["bic", "iban", "id", "vat"];

/// The name of a member in words: `startNumber` is `Start number`, `vatId` is `VAT ID`.
fn words(name: &str) -> String {
    let mut spaced = String::new();
    for letter in name.chars() {
        match letter {
            '.' => spaced.push_str(": "),
            upper if upper.is_ascii_uppercase() => spaced.extend([' ', upper.to_ascii_lowercase()]),
            digit if digit.is_ascii_digit() => spaced.extend([' ', digit]),
            other => spaced.push(other),
        }
    }
    let mut words: Vec<String> = spaced.split(' ').map(str::to_owned).collect();
    for (index, word) in words.iter_mut().enumerate() {
        if ABBREVIATIONS.contains(&word.as_str()) {
            word.make_ascii_uppercase();
        } else if index == 0
            && let Some(first) = word.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "required": ["name"],
            "properties": {
                "country": { "type": "string", "enum": ["DE", "FR"] },
                "days": { "type": "integer", "default": 30 },
                "name": { "type": "string", "minLength": 1, "maxLength": 255, "description": "The name." },
                "notes": { "type": "string", "maxLength": 1000 },
                "place": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } },
                "prefix": { "type": "string", "default": "CN-", "maxLength": 20 },
            },
        })
    }

    #[test]
    fn each_member_has_its_field_with_its_value() {
        let values = json!({ "name": "Ink & Paper", "days": 14, "place": { "id": "x" } });
        let fields = fields(&schema(), &values, &["name"]);
        let shown: Vec<_> =
            fields.iter().map(|it| (it.name.as_str(), it.label.as_str(), it.value.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("name", "Name", "Ink & Paper"),
                ("country", "Country", ""),
                ("days", "Days", "14"),
                ("notes", "Notes", ""),
                ("place.id", "Place: ID", "x"),
                ("prefix", "Prefix", ""),
            ]
        );
        assert!(fields[0].is_required && fields[0].hint == "The name.");
        // The object itself need not be there.
        assert!(!fields[4].is_required);
        let inputs: Vec<_> = fields.into_iter().map(|it| it.input).collect();
        let choice = Input::Choice(vec!["DE".into(), "FR".into()]);
        assert_eq!(inputs, [Input::Text, choice, Input::Number, Input::Text, Input::Text, Input::Text]);
    }

    #[test]
    fn a_form_is_read_as_the_body_that_it_says() {
        let form = "name=Ink+%26+Paper&country=&days=14&notes=a&place.id=+x+&prefix=&unknown=1";
        let expected =
            json!({ "name": "Ink & Paper", "days": 14, "notes": "a", "place": { "id": "x" }, "prefix": "" });
        assert_eq!(read(&schema(), form), expected);
        assert_eq!(read(&schema(), "days=soon&place.id="), json!({ "days": "soon" }));
    }

    #[test]
    fn the_name_of_a_member_is_shown_in_words() {
        for (name, expected) in [
            ("name", "Name"),
            ("invoiceStartNumber", "Invoice start number"),
            ("vatId", "VAT ID"),
            ("companyIdScheme", "Company ID scheme"),
            ("iban", "IBAN"),
            ("bic", "BIC"),
            ("addressLine2", "Address line 2"),
            ("electronicAddress.id", "Electronic address: ID"),
        ] {
            assert_eq!(words(name), expected);
        }
    }
}
