//! What `statement!` is given, and the code that it becomes.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitStr, Token, Type};

use crate::head::{Field, Head};
use crate::text::replace_names;

/// `Name, "sql/file.sql", row: Type, execution: GroupCommit`
pub struct Declaration {
    name: Ident,
    file: LitStr,
    row: Option<Type>,
    execution: Ident,
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![,]>()?;
        let file = input.parse()?;
        let mut declaration = Self { name, file, row: None, execution: format_ident!("Plain") };
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let option: Ident = input.parse()?;
            input.parse::<Token![:]>()?;
            match option.to_string().as_str() {
                "row" => declaration.row = Some(input.parse()?),
                "execution" => declaration.execution = input.parse()?,
                _ => return Err(Error::new(option.span(), "the options are `row` and `execution`")),
            }
        }
        Ok(declaration)
    }
}

impl Declaration {
    pub fn expand(&self) -> syn::Result<TokenStream> {
        read_file(&self.file, |file| self.expand_file(file))
    }

    /// The code for a file of this content. An error begins with its line.
    fn expand_file(&self, file: &str) -> Result<TokenStream, String> {
        let (head, statement) = Head::read(file)?;
        let text = numbered(&head, statement, over_the_link)?;
        let (name, meaning, execution) = (&self.name, &head.meaning, &self.execution);
        let fields = head.parameters.iter().map(parameter).collect::<Result<Vec<_>, _>>()?;
        let types = fields.iter().map(|field| &field.definition);
        let values = fields.iter().map(|field| &field.value);
        let lifetime = fields.iter().any(|field| field.is_borrowed).then(|| quote!(<'a>));
        let (row, row_definition) = self.row(&head)?;
        let statement_name = Path::new(&self.file.value())
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let tracked = tracked(&self.file);
        Ok(quote! {
            #[doc = #meaning]
            #[derive(Clone, Copy, Debug)]
            #[allow(missing_docs, reason = "names say what they are where the file adds nothing")]
            pub struct #name #lifetime { #(#types),* }

            impl #lifetime ::waybill_service::sql::Statement for #name #lifetime {
                const NAME: &'static str = #statement_name;
                const TEXT: &'static str = concat!(::waybill_contracts::execution_marker!(#execution), #text);
                type Row = #row;
                fn parameters(self) -> ::std::vec::Vec<::waybill_service::sql::Value> {
                    ::std::vec![#(#values),*]
                }
            }

            #row_definition

            #tracked
        })
    }

    /// The type of a row, and its definition if the file gives it.
    fn row(&self, head: &Head) -> Result<(TokenStream, Option<TokenStream>), String> {
        match (&self.row, head.columns.as_slice()) {
            (Some(row), []) => Ok((quote!(#row), None)),
            (Some(_), [..]) => {
                Err("1: the row's type is given twice, by `row` and by \"Returns:\"".to_owned())
            }
            (None, []) => {
                Err("1: \"Returns:\" with the columns is missing, or `row` with their type".to_owned())
            }
            (None, columns) => {
                let row = format_ident!("{}Row", self.name);
                let fields = columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
                let meaning = format!("A row of [`{}`].", self.name);
                let definition = quote! {
                    #[doc = #meaning]
                    #[derive(Clone, Debug, ::waybill_service::sql::FromRow)]
                    #[allow(missing_docs, reason = "names say what they are where the file adds nothing")]
                    pub struct #row { #(#fields),* }
                };
                Ok((quote!(#row), Some(definition)))
            }
        }
    }
}

/// Makes code of a file's content. The error names the file.
pub fn read_file(
    file: &LitStr,
    expand: impl FnOnce(&str) -> Result<TokenStream, String>,
) -> syn::Result<TokenStream> {
    let crate_folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = format!("src/{}", file.value());
    let fault = |fault: String| Error::new(file.span(), fault);
    let content = std::fs::read_to_string(Path::new(&crate_folder).join(&path))
        .map_err(|error| fault(format!("{path}: {error}")))?;
    expand(&content).map_err(|error| fault(format!("{path}:{error}")))
}

/// Has cargo compile the crate again when the file changes.
pub fn tracked(file: &LitStr) -> TokenStream {
    let path = format!("/src/{}", file.value());
    quote!(
        const _: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), #path));
    )
}

/// The statement with numbers in place of names. Each declared parameter must be used.
pub fn numbered(
    head: &Head,
    statement: &str,
    cast: impl Fn(usize, &str) -> String,
) -> Result<String, String> {
    let mut is_used = vec![false; head.parameters.len()];
    let text = replace_names(statement.trim_end(), head.lines + 1, |name| {
        let index = head.parameters.iter().position(|parameter| parameter.name == name)?;
        is_used[index] = true;
        let number = index + 1;
        Some(cast(number, &head.parameters[index].kind))
    })?;
    match is_used.iter().position(|is_used| !is_used) {
        Some(index) => Err(format!("1: the parameter {} is not used", head.parameters[index].name)),
        None => Ok(text),
    }
}

/// A parameter of the SQL capability, over which some types go as text.
fn over_the_link(number: usize, kind: &str) -> String {
    match kind {
        "json" | "jsonb" | "timestamptz" | "date" => format!("CAST(${number} AS text)::{kind}"),
        _ => format!("CAST(${number} AS {kind})"),
    }
}

/// A field of the statement's type, and how its value is sent.
struct ParameterField {
    definition: TokenStream,
    value: TokenStream,
    is_borrowed: bool,
}

fn parameter(field: &Field) -> Result<ParameterField, String> {
    let (is_borrowed, rust, variant) = match field.kind.as_str() {
        "text" | "json" | "jsonb" | "timestamptz" | "date" => (true, quote!(&'a str), "Text"),
        "uuid" => (false, quote!(::uuid::Uuid), "Uuid"),
        "int8" => (false, quote!(i64), "Int8"),
        "int4" => (false, quote!(i32), "Int4"),
        "bool" => (false, quote!(bool), "Bool"),
        other => {
            let known = "text, json, jsonb, timestamptz, date, uuid, int8, int4 or bool";
            return Err(format!("1: {} has the type {other}; a parameter is {known}", field.name));
        }
    };
    let (name, variant) = (format_ident!("{}", field.name), format_ident!("{variant}"));
    let rust = if field.is_nullable { quote!(::std::option::Option<#rust>) } else { rust };
    let given = if field.is_nullable { quote!(given) } else { quote!(self.#name) };
    let value = match variant.to_string().as_str() {
        "Text" | "Uuid" => quote!(::std::string::ToString::to_string(&#given)),
        _ => given,
    };
    let value = quote!(::waybill_service::sql::Value::#variant(#value));
    let value = if field.is_nullable {
        quote!(self.#name.map_or(::waybill_service::sql::Value::Null, |given| #value))
    } else {
        value
    };
    let doc = documentation(field);
    Ok(ParameterField { definition: quote!(#doc pub #name: #rust), value, is_borrowed })
}

fn column(field: &Field) -> Result<TokenStream, String> {
    let rust = match field.kind.as_str() {
        "text" => quote!(::std::string::String),
        "int8" => quote!(i64),
        "int4" => quote!(i32),
        "bool" => quote!(bool),
        other => {
            let name = &field.name;
            return Err(format!("1: {name} has the type {other}; a column is text, int8, int4 or bool"));
        }
    };
    let (name, doc) = (format_ident!("{}", field.name), documentation(field));
    let rust = if field.is_nullable { quote!(::std::option::Option<#rust>) } else { rust };
    Ok(quote!(#doc pub #name: #rust))
}

pub fn documentation(field: &Field) -> Option<TokenStream> {
    let meaning = &field.meaning;
    (!meaning.is_empty()).then(|| quote!(#[doc = #meaning]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(declaration: &str, file: &str) -> Result<String, String> {
        let declaration: Declaration = syn::parse_str(declaration).map_err(|error| error.to_string())?;
        declaration.expand_file(file).map(|code| code.to_string().replace(' ', ""))
    }

    const DECLARATION: &str = r#"Show, "sql/show.sql""#;

    #[test]
    fn a_file_becomes_a_type() {
        let file = "-- Shows.\n-- Parameters:\n--   id uuid\n--   day date or null\n-- Returns:\n--   name text\n\
            SELECT name FROM x WHERE id = :id AND day = :day\n";
        let code = expanded(r#"Show, "sql/show.sql", execution: GroupCommit"#, file).unwrap();
        for part in [
            "pubstructShow<'a>{pubid:::uuid::Uuid,pubday:::std::option::Option<&'astr>}",
            "execution_marker!(GroupCommit),\"SELECTnameFROMxWHEREid=CAST($1ASuuid)ANDday=CAST($2AStext)::date\"",
            "constNAME:&'staticstr=\"show\"",
            "typeRow=ShowRow;",
            "pubstructShowRow{pubname:::std::string::String}",
        ] {
            assert!(code.contains(part), "{part} in {code}");
        }
        let own = expanded(r#"Show, "sql/show.sql", row: Order"#, "-- Shows.\nSELECT 1").unwrap();
        assert!(own.contains("pubstructShow{}") && own.contains("typeRow=Order;"), "{own}");
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        for (file, fault) in [
            (
                "-- Parameters:\n--   id uuid\n-- Returns:\n--   a text\nSELECT 1",
                "1: the parameter id is not used",
            ),
            ("-- Returns:\n--   a text\nSELECT :id", "3: :id is not declared under \"Parameters:\""),
            (
                "-- Parameters:\n--   id serial\n-- Returns:\n--   a text\nSELECT :id",
                "1: id has the type serial; a",
            ),
            ("-- Returns:\n--   a uuid\nSELECT 1", "1: a has the type uuid; a column is"),
            ("-- Shows.\nSELECT 1", "1: \"Returns:\" with the columns is missing"),
        ] {
            let error = expanded(DECLARATION, file).unwrap_err();
            assert!(error.starts_with(fault), "{error}");
        }
        let twice =
            expanded(r#"Show, "x.sql", row: Order"#, "-- Returns:\n--   a text\nSELECT 1").unwrap_err();
        assert!(twice.contains("given twice"), "{twice}");
        let option = expanded(r#"Show, "x.sql", mode: Fast"#, "").unwrap_err();
        assert_eq!(option, "the options are `row` and `execution`");
    }

    #[test]
    fn a_missing_file_is_named() {
        let declaration: Declaration = syn::parse_str(DECLARATION).unwrap();
        let error = declaration.expand().unwrap_err().to_string();
        assert!(error.starts_with("src/sql/show.sql: "), "{error}");
    }
}
