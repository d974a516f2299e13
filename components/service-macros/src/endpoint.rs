use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Error, FnArg, GenericArgument, Ident, ItemFn, LitInt, LitStr, PathArguments, Result, Token, Type,
    parenthesized, parse_quote,
};

/// The arguments of the attribute.
pub struct Arguments {
    method: Ident,
    path: LitStr,
    access: Access,
    is_idempotent: bool,
    conflicts: bool,
    text_parameter: Option<Ident>,
    success: Option<Success>,
    parameters: TokenStream,
    responses: TokenStream,
    request_body: Option<TokenStream>,
}

enum Access {
    Scope(Ident),
    Token(LitStr),
}

struct Success {
    status: LitInt,
    description: LitStr,
    body: Option<Type>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream) -> Result<Self> {
        let method: Ident = input.parse()?;
        let path: LitStr = input.parse()?;
        let mut access = None;
        let mut arguments = Self {
            method,
            path,
            access: Access::Token(LitStr::new("", input.span())),
            is_idempotent: false,
            conflicts: false,
            text_parameter: None,
            success: None,
            parameters: TokenStream::new(),
            responses: TokenStream::new(),
            request_body: None,
        };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let name: Ident = input.parse()?;
            match name.to_string().as_str() {
                "scope" => {
                    input.parse::<Token![=]>()?;
                    access = Some(Access::Scope(input.parse()?));
                }
                "token" => {
                    input.parse::<Token![=]>()?;
                    access = Some(Access::Token(input.parse()?));
                }
                "idempotent" => arguments.is_idempotent = true,
                "conflicts" => arguments.conflicts = true,
                "text" => arguments.text_parameter = Some(in_parentheses(input)?),
                "success" => arguments.success = Some(in_parentheses(input)?),
                "params" => arguments.parameters = list(input)?,
                "responses" => arguments.responses = list(input)?,
                "request_body" => arguments.request_body = Some(in_parentheses(input)?),
                _ => return Err(Error::new(name.span(), "this is not an argument of an endpoint")),
            }
        }
        arguments.access =
            access.ok_or_else(|| Error::new(arguments.path.span(), "say `scope = …` or `token = …`"))?;
        Ok(arguments)
    }
}

fn in_parentheses<T: Parse>(input: ParseStream) -> Result<T> {
    let content;
    parenthesized!(content in input);
    content.parse()
}

/// A list as it is, without the comma that may end it.
fn list(input: ParseStream) -> Result<TokenStream> {
    let mut tokens: Vec<TokenTree> = in_parentheses::<TokenStream>(input)?.into_iter().collect();
    tokens.pop_if(|last| matches!(last, TokenTree::Punct(last) if last.as_char() == ','));
    Ok(tokens.into_iter().collect())
}

impl Parse for Success {
    fn parse(input: ParseStream) -> Result<Self> {
        let status = input.parse()?;
        input.parse::<Token![,]>()?;
        let description = input.parse()?;
        let body = if input.is_empty() {
            None
        } else {
            input.parse::<Token![,]>()?;
            Some(input.parse()?)
        };
        Ok(Self { status, description, body })
    }
}

pub fn expand(arguments: &Arguments, function: &ItemFn) -> Result<TokenStream> {
    let Arguments { method, path, .. } = arguments;
    let name = &function.sig.ident;
    let fields = fields(function)?;
    let document = document(arguments, fields.as_ref());
    let access = match &arguments.access {
        Access::Scope(scope) => {
            quote!(::waybill_service::openapi::Access::Scope(::waybill_contracts::Scope::#scope))
        }
        Access::Token(token) => quote!(::waybill_service::openapi::Access::Token(#token)),
    };
    // Endpoints with a token of their own are called by relays, which take a 422 for a fault of the event.
    let takes_no_query =
        matches!(arguments.access, Access::Scope(_)) && !(arguments.method == "GET" && fields.is_some());
    let refuse_query = takes_no_query.then(|| {
        quote! {
            if let Err(faults) = ::waybill_service::query::none(request.query()) {
                return ::waybill_service::Problem::from(faults).into_response();
            }
        }
    });
    // A type that only the document names is used in the component too, so that its import needs no condition.
    let named = arguments.success.iter().filter_map(|success| success.body.as_ref());
    Ok(quote! {
        #[cfg_attr(not(target_family = "wasm"), ::utoipa::path(#document))]
        #function

        /// The endpoint.
        pub const ROUTE: ::waybill_service::routes::Route = ::waybill_service::routes::Route {
            method: ::http::Method::#method,
            path: #path,
            answer: ::waybill_service::routes::Answer::Operation(|request| {
                #refuse_query
                ::waybill_service::routes::IntoResponse::into_response(#name(request.with_fields()))
            }),
            #[cfg(not(target_family = "wasm"))]
            description: Some(::waybill_service::openapi::Description {
                access: #access,
                document: {
                    #[derive(::utoipa::OpenApi)]
                    #[openapi(paths(#name))]
                    struct Document;

                    <Document as ::utoipa::OpenApi>::openapi
                },
            }),
        };

        #(const _: fn(&#named) = |_| ();)*
    })
}

/// The fields of the request: `T` of `Request<T>`.
fn fields(function: &ItemFn) -> Result<Option<Type>> {
    let unsupported = || Error::new_spanned(&function.sig, "an operation has one argument, its request");
    let mut inputs = function.sig.inputs.iter();
    let (Some(FnArg::Typed(request)), None) = (inputs.next(), inputs.next()) else {
        return Err(unsupported());
    };
    let Type::Path(request) = &*request.ty else { return Err(unsupported()) };
    Ok(request.path.segments.last().and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(generics) => generics.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(fields) => Some(fields.clone()),
            _ => None,
        }),
        _ => None,
    }))
}

/// The arguments of `utoipa::path`.
fn document(arguments: &Arguments, fields: Option<&Type>) -> TokenStream {
    let Arguments { path, parameters, responses, .. } = arguments;
    let method = format_ident!("{}", arguments.method.to_string().to_lowercase());
    let is_get = arguments.method == "GET";
    let template = path.value();
    let names = template.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let path_parameters: Vec<TokenStream> = names
        .map(|name| match &arguments.text_parameter {
            Some(text) if text == name => quote!((#name = String, Path)),
            _ => quote!((#name = String, Path, format = "uuid")),
        })
        .collect();
    let described = quote!(::waybill_service::openapi);
    let mut all: Punctuated<TokenStream, Token![,]> = path_parameters.iter().cloned().collect();
    let mut kinds: Punctuated<TokenStream, Token![,]> = Punctuated::new();
    if let Some(success) = &arguments.success {
        kinds.push(success.document(arguments.is_idempotent));
    }
    if !responses.is_empty() {
        kinds.push(responses.clone());
    }
    if !path_parameters.is_empty() {
        kinds.push(quote!(#described::OfPath));
    }
    if arguments.conflicts {
        kinds.push(quote!(#described::OfState));
    }
    let mut request_body = arguments.request_body.as_ref().map(|body| quote!(request_body(#body),));
    match fields {
        Some(query) if is_get => all.push(quote!(#query)),
        Some(body) => request_body = Some(quote!(request_body = #body,)),
        None => {}
    }
    if ["POST", "PATCH", "PUT"].iter().any(|method| arguments.method == method) {
        kinds.push(quote!(#described::OfBody));
    } else {
        kinds.push(quote!(#described::OfQuery));
    }
    if arguments.is_idempotent {
        all.push(quote!(#described::KeyHeader));
    }
    if !parameters.is_empty() {
        all.push(parameters.clone());
    }
    kinds.push(quote!(#described::Anytime));
    let tag = template.split('/').nth(1).unwrap_or_default();
    quote!(#method, path = #path, tag = #tag, params(#all), #request_body responses(#kinds))
}

impl Success {
    fn document(&self, is_idempotent: bool) -> TokenStream {
        let Self { status, description, body } = self;
        let body = body.as_ref().map(|body| quote!(body = #body,));
        let mut headers: Punctuated<TokenStream, Token![,]> = Punctuated::new();
        if status.base10_digits() == "201" {
            headers.push(parse_quote!(("Location" = String)));
        }
        if is_idempotent {
            headers.push(parse_quote!(("Idempotency-Replayed" = String)));
        }
        quote!((status = #status, description = #description, #body headers(#headers)))
    }
}
