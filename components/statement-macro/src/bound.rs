//! What `bound!` is given, and the code that it becomes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token};

use crate::declaration::{documentation, numbered, read_file, tracked};
use crate::head::{Field, Head};

/// `Name, "sql/file.sql"`
pub struct Bound {
    name: Ident,
    file: LitStr,
}

impl Parse for Bound {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![,]>()?;
        Ok(Self { name, file: input.parse()? })
    }
}

impl Bound {
    pub fn expand(&self) -> syn::Result<TokenStream> {
        read_file(&self.file, |file| self.expand_file(file))
    }

    /// The code for a file of this content. An error begins with its line.
    fn expand_file(&self, file: &str) -> Result<TokenStream, String> {
        let (head, statement) = Head::read(file)?;
        let text = numbered(&head, statement, cast)?;
        let (name, meaning, tracked) = (&self.name, &head.meaning, tracked(&self.file));
        let types = head.parameters.iter().map(definition).collect::<Result<Vec<_>, _>>()?;
        let is_borrowed = types.iter().any(|(_, is_borrowed)| *is_borrowed);
        let lifetime = is_borrowed.then(|| quote!(<'a>));
        let types = types.iter().map(|(definition, _)| definition);
        let values = head.parameters.iter().map(|field| format_ident!("{}", field.name));
        let count = head.parameters.len();
        Ok(quote! {
            #[doc = #meaning]
            #[derive(Clone, Copy, Debug)]
            struct #name #lifetime { #(#types),* }

            impl #lifetime #name #lifetime {
                const TEXT: &'static str = #text;

                fn values(&self) -> [&(dyn ::tokio_postgres::types::ToSql + ::std::marker::Sync); #count] {
                    [#(&self.#values),*]
                }
            }

            #tracked
        })
    }
}

/// A parameter of PostgreSQL's own type; JSON goes as text.
fn cast(number: usize, kind: &str) -> String {
    match kind {
        "json" | "jsonb" => format!("CAST(${number} AS text)::{kind}"),
        _ => format!("CAST(${number} AS {kind})"),
    }
}

/// The field of a parameter, and whether it borrows its value.
fn definition(field: &Field) -> Result<(TokenStream, bool), String> {
    let (is_borrowed, rust) = match field.kind.as_str() {
        "text" | "json" | "jsonb" => (true, quote!(&'a str)),
        "bytea" => (true, quote!(&'a [u8])),
        "text[]" => (true, quote!(&'a [&'a str])),
        "uuid[]" => (true, quote!(&'a [::uuid::Uuid])),
        "int8[]" => (true, quote!(&'a [i64])),
        "int4[]" => (true, quote!(&'a [i32])),
        "uuid" => (false, quote!(::uuid::Uuid)),
        "int8" => (false, quote!(i64)),
        "int4" => (false, quote!(i32)),
        "float8" => (false, quote!(f64)),
        "bool" => (false, quote!(bool)),
        "timestamptz" => (false, quote!(::std::time::SystemTime)),
        other => {
            let known = "text, json, jsonb, bytea, uuid, int8, int4, float8, bool, timestamptz, or text[], uuid[], int8[], int4[]";
            return Err(format!("1: {} has the type {other}; a parameter is {known}", field.name));
        }
    };
    let (name, doc) = (format_ident!("{}", field.name), documentation(field));
    let rust = if field.is_nullable { quote!(::std::option::Option<#rust>) } else { rust };
    Ok((quote!(#doc #name: #rust), is_borrowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(file: &str) -> Result<String, String> {
        let bound: Bound = syn::parse_str(r#"Store, "sql/store.sql""#).unwrap();
        bound.expand_file(file).map(|code| code.to_string().replace(' ', ""))
    }

    #[test]
    fn a_file_becomes_a_type_whose_values_have_its_numbers() {
        let file = "-- Stores.\n-- Parameters:\n--   at timestamptz or null\n--   ids uuid[]\n\
            UPDATE x SET at = :at WHERE id = ANY (:ids)";
        let code = expanded(file).unwrap();
        for part in [
            "structStore<'a>{at:::std::option::Option<::std::time::SystemTime>,ids:&'a[::uuid::Uuid]}",
            "\"UPDATExSETat=CAST($1AStimestamptz)WHEREid=ANY(CAST($2ASuuid[]))\"",
            ";2usize]{[&self.at,&self.ids]}",
        ] {
            assert!(code.contains(part), "{part} in {code}");
        }
    }

    #[test]
    fn a_type_without_one_in_rust_is_refused() {
        let error = expanded("-- Parameters:\n--   day date\nSELECT :day").unwrap_err();
        assert!(error.starts_with("1: day has the type date; a parameter is text, json"), "{error}");
    }
}
