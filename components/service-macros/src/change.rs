//! `#[fields(change = Name)]`: the type of a partial change.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::fields::{Member, Options, members};

/// The fields of a struct as what changes of it: each may be missing, and one that may be missing in the struct may be `null`.
/// It is written as JSON with what was given.
pub fn expand(item: &DeriveInput) -> Result<Option<TokenStream>> {
    let Some(name) = Options::of(item)?.change else { return Ok(None) };
    let (visibility, members) = (&item.vis, members(item)?);
    let fields = members.iter().map(|Member { field, ty, rule, is_option, comment, .. }| {
        let check = &rule.check;
        let check =
            if *is_option { quote!(::waybill_service::rules::Nullable(#check)) } else { quote!(#check) };
        let example = rule.example.as_ref().map(|example| quote!(, example = #example));
        quote! {
            #[doc = #comment]
            #[serde(skip_serializing_if = "Option::is_none")]
            #[rule(#check #example)]
            #field: Option<#ty>
        }
    });
    Ok(Some(quote! {
        /// What changes; what is not named stays, and `null` removes a value.
        #[derive(Debug, ::waybill_service::Fields, ::serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        #[allow(clippy::option_option, reason = "a member may be missing, null, or a value")]
        #visibility struct #name {
            #(#fields),*
        }
    }))
}
