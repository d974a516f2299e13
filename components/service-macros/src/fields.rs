use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprCall, ExprLit, Field, Ident, Lit, Meta, Result, Token,
    Type,
};

/// The arguments of `#[rule]`.
pub struct Rule {
    pub check: Expr,
    default: Option<Expr>,
    pub example: Option<Expr>,
}

impl Parse for Rule {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut rule = Self { check: input.parse()?, default: None, example: None };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            let name: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            match name.to_string().as_str() {
                "default" => rule.default = Some(input.parse()?),
                "example" => rule.example = Some(input.parse()?),
                _ => return Err(Error::new(name.span(), "a rule has a default and an example only")),
            }
        }
        Ok(rule)
    }
}

pub struct Member<'a> {
    pub field: &'a Ident,
    pub ty: &'a Type,
    /// The name on the wire, in camel case.
    name: String,
    pub rule: Rule,
    pub is_option: bool,
    pub comment: String,
}

impl<'a> Member<'a> {
    fn of(field: &'a Field) -> Result<Self> {
        let ident =
            field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "a field needs its name"))?;
        let rule = attribute(&field.attrs, "rule")
            .ok_or_else(|| Error::new_spanned(field, "a field needs its #[rule]"))?;
        Ok(Self {
            field: ident,
            ty: &field.ty,
            name: camel_case(&ident.to_string()),
            rule: rule.parse_args()?,
            is_option: is_option(&field.ty),
            comment: comment(&field.attrs),
        })
    }

    fn reader(&self) -> TokenStream {
        let Self { field, name, rule: Rule { check, default, .. }, is_option, .. } = self;
        let check = quote!(|given| ::waybill_service::fields::Check::check(&#check, given));
        let read = match default {
            _ if *is_option => quote!(#field.map(#check).transpose()),
            Some(default) => quote!(#field.map_or_else(|| Ok((#default).into()), #check)),
            None => quote!(#field.map_or_else(|| Err("is required".into()), #check)),
        };
        quote!(let #field = faults.note(#name, #read);)
    }

    fn description(&self) -> TokenStream {
        let Self { name, rule: Rule { check, default, example }, is_option, comment, .. } = self;
        let is_required = !is_option && default.is_none();
        let json = |value: &Option<Expr>| {
            value.as_ref().map_or_else(|| quote!(None), |value| quote!(Some((#value).into())))
        };
        let (default, example) = (json(default), json(example));
        quote! {
            ::waybill_service::openapi::Member {
                name: #name,
                is_required: #is_required,
                schema: ::waybill_service::fields::Check::schema(&#check),
                comment: #comment,
                default: #default,
                example: #example,
            }
        }
    }
}

pub fn members(item: &DeriveInput) -> Result<Vec<Member<'_>>> {
    let Data::Struct(data) = &item.data else {
        return Err(Error::new_spanned(item, "fields are those of a struct"));
    };
    data.fields.iter().map(Member::of).collect()
}

pub fn expand(item: &DeriveInput) -> Result<TokenStream> {
    let members = members(item)?;
    let (name, comment) = (&item.ident, comment(&item.attrs));
    let fields: Vec<&Ident> = members.iter().map(|member| member.field).collect();
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let readers = members.iter().map(Member::reader);
    let descriptions = members.iter().map(Member::description);
    let checks: Vec<&Expr> = members.iter().map(|member| &member.rule.check).collect();
    let together = Options::of(item)?.together();
    let count = members.len();
    let text = name.to_string();
    Ok(quote! {
        const _: () = {
            const NAMES: [&str; #count] = [#(#names),*];

            fn read(
                given: [Option<::waybill_service::fields::Given<'_>>; #count],
                mut faults: ::waybill_service::faults::Faults,
            ) -> Result<#name, ::waybill_service::faults::Faults> {
                let [#(#fields),*] = given;
                #(#readers)*
                #(#together)*
                match (#(#fields,)*) {
                    (#(Some(#fields),)*) if faults.is_empty() => Ok(#name { #(#fields),* }),
                    _ => Err(faults),
                }
            }

            impl ::waybill_service::fields::Fields for #name {
                fn from_json(
                    body: &[u8],
                ) -> Result<Result<Self, ::waybill_service::faults::Faults>, ::waybill_service::json::Unreadable> {
                    let (values, faults) = ::waybill_service::json::object(body, &NAMES)?;
                    let given = |value| ::waybill_service::fields::Given::Json(value);
                    Ok(read(values.map(|value| value.map(given)), faults))
                }

                fn from_query(query: Option<&str>) -> Result<Self, ::waybill_service::faults::Faults> {
                    let (values, faults) = ::waybill_service::query::parameters(query, &NAMES);
                    let given = |value| ::waybill_service::fields::Given::Parameter(value);
                    read(values.each_ref().map(|value| value.as_deref().map(given)), faults)
                }
            }

            #[cfg(not(target_family = "wasm"))]
            impl ::waybill_service::openapi::Members for #name {
                const COMMENT: &str = #comment;

                fn members() -> Vec<::waybill_service::openapi::Member> {
                    vec![#(#descriptions),*]
                }
            }

            #[cfg(not(target_family = "wasm"))]
            impl ::utoipa::PartialSchema for #name {
                fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                    ::waybill_service::openapi::object::<Self>()
                }
            }

            #[cfg(not(target_family = "wasm"))]
            impl ::utoipa::ToSchema for #name {
                fn name() -> ::std::borrow::Cow<'static, str> {
                    #text.into()
                }

                fn schemas(
                    schemas: &mut Vec<(String, ::utoipa::openapi::RefOr<::utoipa::openapi::Schema>)>,
                ) {
                    #(::waybill_service::fields::Check::schemas(&#checks, schemas);)*
                }
            }

            #[cfg(not(target_family = "wasm"))]
            impl ::utoipa::IntoParams for #name {
                fn into_params(
                    _: impl Fn() -> Option<::utoipa::openapi::path::ParameterIn>,
                ) -> Vec<::utoipa::openapi::path::Parameter> {
                    ::waybill_service::openapi::parameters::<Self>()
                }
            }
        };
    })
}

/// The arguments of `#[fields]`.
#[derive(Default)]
pub struct Options {
    checks: Vec<ExprCall>,
    pub change: Option<Ident>,
}

impl Options {
    pub fn of(item: &DeriveInput) -> Result<Self> {
        let mut options = Self::default();
        for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("fields")) {
            attribute.parse_args_with(|input: ParseStream| options.read(input))?;
        }
        Ok(options)
    }

    fn read(&mut self, input: ParseStream) -> Result<()> {
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            match name.to_string().as_str() {
                "check" => self.checks.push(input.parse()?),
                "change" => self.change = Some(input.parse()?),
                _ => {
                    return Err(Error::new(
                        name.span(),
                        "say `check = function(field, …)` or `change = Name`",
                    ));
                }
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    }

    fn together(&self) -> Vec<TokenStream> {
        let call = |ExprCall { func, args, .. }: &ExprCall| {
            let fields = args.iter();
            quote!(#func(#(#fields.as_ref(),)* &mut faults);)
        };
        self.checks.iter().map(call).collect()
    }
}

fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.path().is_ident(name))
}

fn is_option(field: &Type) -> bool {
    let Type::Path(path) = field else { return false };
    path.path.segments.last().is_some_and(|segment| segment.ident == "Option")
}

/// The documentation comment, its lines as they are.
fn comment(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    lines.join("\n")
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_uppercase() + rest
    })
}
