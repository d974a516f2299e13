//! `#[derive(FromRow)]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataStruct, DeriveInput, Error, Field, Fields, Ident};

pub fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) = &input.data else {
        return Err(Error::new(input.ident.span(), "only a struct with named fields is read from a row"));
    };
    let name = &input.ident;
    let fields = fields.named.iter().map(read).collect::<syn::Result<Vec<_>>>()?;
    Ok(quote! {
        impl ::waybill_service::sql::FromRow for #name {
            fn from_row(
                row: &mut ::waybill_service::sql::Row,
            ) -> ::std::result::Result<Self, ::waybill_service::sql::SqlError> {
                Ok(Self { #(#fields),* })
            }
        }
    })
}

fn read(field: &Field) -> syn::Result<TokenStream> {
    let name = field.ident.as_ref();
    let column = name.map(Ident::to_string);
    let mut reader = quote!(get);
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("column")) {
        let kind: Ident = attribute.parse_args()?;
        if kind != "json" {
            return Err(Error::new(kind.span(), "a column is read as it is, or as `json`"));
        }
        reader = quote!(json);
    }
    Ok(quote!(#name: row.#reader(#column)?))
}
