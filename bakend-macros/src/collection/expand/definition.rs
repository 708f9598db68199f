//! What the code says about a collection, as a `Definition`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use super::super::{
    model::{Collection, Field, Index, Kind, Many, Type},
    options::HELP_MAX_CHARS,
};

pub fn expand(collection: &Collection) -> TokenStream {
    let name = &collection.name;
    let renamed = optional(collection.renamed_from.as_ref());
    let rules = ["list", "view", "create", "update", "delete"].map(|key| {
        let ident = quote::format_ident!("{key}");
        let text = optional(collection.rules.iter().find(|rule| rule.key == key).map(|rule| &rule.text));
        quote!(#ident: #text)
    });
    let fields = collection.fields.iter().filter(|field| is_said(collection, field)).map(field);
    let indexes = indexes(collection);
    let auth = auth(collection);
    let query = collection.view.as_ref().map_or_else(String::new, LitStr::value);
    quote! {
        fn definition() -> ::bakend::typed::Definition {
            ::bakend::typed::Definition {
                name: ::std::string::String::from(#name),
                kind: <Self as ::bakend::typed::Collection>::KIND,
                renamed_from: #renamed,
                rules: ::bakend::schema::Rules { #(#rules),* },
                fields: ::std::vec![#(#fields),*],
                indexes: ::std::vec![#(#indexes),*],
                auth: #auth,
                view_query: ::std::string::String::from(#query),
            }
        }
    }
}

fn optional(text: Option<&LitStr>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(::std::string::String::from(#text))),
        None => quote!(::core::option::Option::None),
    }
}

/// The id is as every collection has it, unless an option says otherwise.
fn is_said(collection: &Collection, field: &Field) -> bool {
    const OWN: [&str; 7] = ["min", "max", "pattern", "autogenerate_pattern", "id", "help", "presentable"];
    let is_plain = OWN.into_iter().all(|name| !field.options.has(name));
    field.shape.kind != Kind::Id || collection.kind != Type::View && !is_plain
}

fn field(field: &Field) -> TokenStream {
    let name = &field.name;
    let mut made = match field.shape.kind {
        Kind::Relation => relation(field),
        _ => {
            let kind = kind(field);
            quote!(::bakend::typed::FieldDefinition::new(#name, #kind))
        }
    };
    let required = field.is_required() || field.shape.kind == Kind::Id;
    made = quote!(#made.required(#required));
    for flag in ["hidden", "presentable"].into_iter().filter(|flag| field.options.flag(flag)) {
        let ident = quote::format_ident!("{flag}");
        made = quote!(#made.#ident());
    }
    for text in ["renamed_from", "id"] {
        if let Some(value) = field.options.text(text) {
            let ident = quote::format_ident!("{text}");
            made = quote!(#made.#ident(#value));
        }
    }
    let help = field.options.text("help").map(LitStr::value).or_else(|| field.about.clone());
    if let Some(help) = help.filter(|help| !help.is_empty() && !field.is_autodate()) {
        let help: String = help.chars().take(HELP_MAX_CHARS).collect();
        made = quote!(#made.help(#help));
    }
    made
}

fn relation(field: &Field) -> TokenStream {
    let (name, target) = (&field.name, &field.shape.of);
    let cascade = field.options.flag("cascade_delete");
    let (min, max) = (field.options.count("min_select"), most(field, quote!(::bakend::typed::SEVERAL_MAX)));
    quote! {
        ::bakend::typed::FieldDefinition::relation(
            #name,
            <#target as ::bakend::typed::Collection>::NAME,
            ::bakend::schema::field::relation::RelationOptions {
                cascade_delete: #cascade,
                min_select: #min,
                max_select: #max,
                ..::core::default::Default::default()
            },
        )
    }
}

/// How many values fit: one, as many as are said, or as many as the type has room for.
fn most(field: &Field, room: TokenStream) -> TokenStream {
    match field.shape.many {
        Many::One | Many::Option => quote!(1),
        Many::Vec if field.options.has("max_select") => {
            let count = field.options.count("max_select");
            quote!(#count)
        }
        Many::Vec => room,
    }
}

fn kind(field: &Field) -> TokenStream {
    let options = &field.options;
    let count = |name: &str| options.count(name);
    let text = |name: &str| options.text(name).map_or_else(String::new, LitStr::value);
    let texts = |name: &str| {
        let texts = options.texts(name);
        quote!(::std::vec![#(::std::string::String::from(#texts)),*])
    };
    let owned = |text: String| quote!(::std::string::String::from(#text));
    let number = |number: Option<f64>| match number {
        Some(number) => quote!(::core::option::Option::Some(#number)),
        None => quote!(::core::option::Option::None),
    };
    match field.shape.kind {
        Kind::Id | Kind::Text => text_kind(field),
        Kind::Int { min, max } => {
            let (min, max) = (number(options.number("min").or(Some(min))), number(options.number("max").or(Some(max))));
            variant("Number", "number", "NumberOptions", quote!(min: #min, max: #max, only_int: true))
        }
        Kind::Float => {
            let (min, max) = (number(options.number("min")), number(options.number("max")));
            let whole = options.flag("only_int");
            variant("Number", "number", "NumberOptions", quote!(min: #min, max: #max, only_int: #whole))
        }
        Kind::Bool => quote!(::bakend::schema::FieldKind::Bool),
        Kind::GeoPoint => quote!(::bakend::schema::FieldKind::GeoPoint),
        Kind::Email | Kind::Url => {
            let (except, only) = (texts("except_domains"), texts("only_domains"));
            let fields = quote!(except_domains: #except, only_domains: #only);
            if field.shape.kind == Kind::Email {
                variant("Email", "email", "EmailOptions", fields)
            } else {
                variant("Url", "url", "UrlOptions", fields)
            }
        }
        Kind::Editor => {
            let (size, urls) = (count("max_size"), options.flag("convert_urls"));
            variant("Editor", "editor", "EditorOptions", quote!(max_size: #size, convert_urls: #urls))
        }
        Kind::DateTime if field.is_autodate() => {
            let (create, update) = (options.flag("on_create"), options.flag("on_update"));
            variant("Autodate", "autodate", "AutodateOptions", quote!(on_create: #create, on_update: #update))
        }
        Kind::DateTime => {
            let (min, max) = (moment(&text("min")), moment(&text("max")));
            variant("Date", "date", "DateOptions", quote!(min: #min, max: #max))
        }
        Kind::Select => {
            let of = &field.shape.of;
            let values = quote!(<#of as ::bakend::typed::SelectValue>::VALUES);
            // A list has room for 2 at least, also one of an enum that has one variant so far.
            let most = most(field, quote!(::core::cmp::Ord::max(#values.len() as i64, 2)));
            let fields = quote!(values: #values.iter().map(|value| ::std::string::String::from(*value)).collect(), max_select: #most);
            variant("Select", "select", "SelectOptions", fields)
        }
        Kind::File => {
            let most = most(field, quote!(::bakend::typed::FILES_MAX));
            let (size, kinds, thumbs) = (count("max_size"), texts("mime_types"), texts("thumbs"));
            let protected = options.flag("protected");
            let fields =
                quote!(max_select: #most, max_size: #size, mime_types: #kinds, thumbs: #thumbs, protected: #protected);
            variant("File", "file", "FileOptions", fields)
        }
        Kind::Json => {
            let size = count("max_size");
            variant("Json", "json", "JsonOptions", quote!(max_size: #size))
        }
        Kind::Password => {
            let (min, max, cost) = (if options.has("min") { count("min") } else { 8 }, count("max"), count("cost"));
            let pattern = owned(text("pattern"));
            variant(
                "Password",
                "password",
                "PasswordOptions",
                quote!(min: #min, max: #max, pattern: #pattern, cost: #cost),
            )
        }
        // Made by `relation`, which knows the collection pointed at.
        Kind::Relation => quote!(),
    }
}

fn text_kind(field: &Field) -> TokenStream {
    let options = &field.options;
    let is_id = field.shape.kind == Kind::Id;
    let text = |name: &str, standard: &str| {
        options.text(name).map_or_else(|| if is_id { standard.to_owned() } else { String::new() }, LitStr::value)
    };
    let length = |name: &str| if is_id && !options.has(name) { 15 } else { options.count(name) };
    let (min, max) = (length("min"), length("max"));
    let (pattern, drawn) = (text("pattern", "^[a-z0-9]+$"), text("autogenerate_pattern", "[a-z0-9]{15}"));
    let fields = quote! {
        min: #min,
        max: #max,
        pattern: ::std::string::String::from(#pattern),
        autogenerate_pattern: ::std::string::String::from(#drawn),
        primary_key: #is_id
    };
    variant("Text", "text", "TextOptions", fields)
}

/// A bound of a date, as it is stored.
fn moment(text: &str) -> TokenStream {
    quote!(::bakend::schema::moment::parse(#text))
}

fn variant(name: &str, module: &str, options: &str, fields: TokenStream) -> TokenStream {
    let [name, module, options] = [name, module, options].map(|name| quote::format_ident!("{name}"));
    quote!(::bakend::schema::FieldKind::#name(::bakend::schema::field::#module::#options { #fields }))
}

fn indexes(collection: &Collection) -> Vec<TokenStream> {
    let table = &collection.name;
    let column = |ident: &syn::Ident| {
        let own = collection.fields.iter().find(|field| field.ident == *ident).map(|field| field.name.clone());
        let implied = || collection.implied().find(|field| *ident == field.ident).map(|field| field.name.to_owned());
        own.or_else(implied).unwrap_or_else(|| ident.to_string())
    };
    let said = collection.indexes.iter().map(|Index { unique, columns, name, condition }| {
        let columns = columns.iter().map(|(ident, collate, order)| {
            let name = column(ident);
            quote!((#name, #collate, #order))
        });
        let name = name.as_ref().map_or_else(String::new, LitStr::value);
        let condition = condition.as_ref().map_or_else(String::new, LitStr::value);
        quote!(::bakend::typed::index_sql(#table, #name, #unique, &[#(#columns),*], #condition))
    });
    let short = collection.fields.iter().filter_map(|field| {
        let (name, unique) = (&field.name, field.options.flag("unique"));
        let wanted = unique || field.options.flag("index");
        // What is not required may be empty in many records.
        let condition = if unique && !field.is_required() { condition(field) } else { String::new() };
        wanted.then(|| quote!(::bakend::typed::index_sql(#table, "", #unique, &[(#name, "", "")], #condition)))
    });
    said.chain(short).collect()
}

/// Leaves empty values out of a unique index. Zero is empty only where `None` says it.
fn condition(field: &Field) -> String {
    let name = &field.name;
    let is_option = field.shape.many == Many::Option;
    match field.shape.kind {
        Kind::Select | Kind::File if field.shape.many == Many::Vec => format!("`{name}` != '[]'"),
        Kind::Int { .. } | Kind::Float if is_option => format!("`{name}` != 0"),
        Kind::GeoPoint if is_option => format!("`{name}` != '{{\"lon\":0,\"lat\":0}}'"),
        // NULL differs from NULL.
        Kind::Relation | Kind::Json => String::new(),
        Kind::Int { .. } | Kind::Float | Kind::Bool | Kind::GeoPoint => String::new(),
        _ => format!("`{name}` != ''"),
    }
}

fn auth(collection: &Collection) -> TokenStream {
    let said = collection.auth.said.iter().map(|(key, inner, value)| match inner {
        None => quote!(::bakend::typed::say(&mut said, #key, ::bakend::serde_json::json!(#value));),
        Some(inner) => quote!(::bakend::typed::say(&mut said, #key, ::bakend::serde_json::json!({ #inner: #value }));),
    });
    quote!({
        #[allow(unused_mut)]
        let mut said = ::bakend::serde_json::Map::new();
        #(#said)*
        said
    })
}
