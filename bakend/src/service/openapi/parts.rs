//! What several operations share: parameters, answers to what is refused, and the shapes of fixed answers.

use utoipa::openapi::{
    ArrayBuilder, Content, KnownFormat, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
    SchemaFormat, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
    schema::{AdditionalProperties, SchemaType},
};

use crate::limits::{PER_PAGE_DEFAULT, PER_PAGE_MAX};

/// A schema, or where one stands.
pub(super) type Shape = RefOr<Schema>;

/// A schema of the document, by its name.
pub(super) fn named(name: &str) -> Shape {
    Ref::from_schema_name(name).into()
}

/// Any text.
pub(super) fn text() -> Shape {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// One of these texts.
pub(super) fn one_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Shape {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts.into_iter().map(str::to_owned))).into()
}

/// The content of a file.
pub(super) fn bytes() -> Shape {
    let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
}

/// True or false.
pub(super) fn flag() -> Shape {
    ObjectBuilder::new().schema_type(Type::Boolean).into()
}

/// A number.
pub(super) fn number() -> Shape {
    ObjectBuilder::new().schema_type(Type::Number).into()
}

/// A whole number.
pub(super) fn integer() -> Shape {
    ObjectBuilder::new().schema_type(Type::Integer).into()
}

/// Any JSON.
pub(super) fn anything() -> Shape {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()
}

/// Any object.
pub(super) fn any_object() -> Shape {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .into()
}

/// Several of a shape.
pub(super) fn list(item: Shape) -> Shape {
    ArrayBuilder::new().items(item).into()
}

/// An object; a name that ends with `?` may be missing.
pub(super) fn object<'a>(properties: impl IntoIterator<Item = (&'a str, Shape)>) -> Shape {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    let add = |object: ObjectBuilder, (name, shape): (&str, Shape)| match name.strip_suffix('?') {
        Some(name) => object.property(name, shape),
        None => object.property(name, shape).required(name),
    };
    properties.into_iter().fold(object, add).into()
}

/// A page of items of a shape.
pub(super) fn page(item: Shape) -> Shape {
    object([
        ("page", integer()),
        ("perPage", integer()),
        ("totalItems", integer()),
        ("totalPages", integer()),
        ("items", list(item)),
    ])
}

/// A parameter of the query.
pub(super) fn query(name: &str, shape: Shape, words: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(words))
        .schema(Some(shape))
        .build()
}

/// A part of the path.
pub(super) fn path(name: &str, words: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(words))
        .schema(Some(text()))
        .build()
}

/// Parameters that many operations have.
pub(super) fn parameters() -> Vec<(&'static str, Parameter)> {
    let at_least = |least: u32, most: Option<u32>, usual: u32| -> Shape {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(most);
        number.default(Some(usual.into())).into()
    };
    let expand = "Relations to send along, as in `author,comments_via_post.author`.";
    vec![
        ("id", path("id", "The id of the record.")),
        ("page", query("page", at_least(1, None, 1), "Which page; the first is 1.")),
        ("perPage", query("perPage", at_least(1, Some(PER_PAGE_MAX), PER_PAGE_DEFAULT), "How many on a page.")),
        (
            "sort",
            query("sort", text(), "Fields by commas; `-` before one turns its order round; `@random` for any order."),
        ),
        ("filter", query("filter", text(), "Only what this is true for, as in `views > 3 && author.name ~ 'ann'`.")),
        ("expand", query("expand", text(), expand)),
        ("fields", query("fields", text(), "Only these fields, by commas; `text:excerpt(200)` shortens one.")),
        ("skipTotal", query("skipTotal", flag(), "Does not count all, which is faster: both totals are -1.")),
        ("record", query("record", text(), "For superusers: whose account is meant; else it is the caller's.")),
    ]
}

/// What refuses, by name.
pub(super) fn responses() -> Vec<(&'static str, Response)> {
    [
        ("Invalid", "What was sent is wrong; `data` says which field and why."),
        ("Unauthenticated", "Nobody is signed in."),
        ("Forbidden", "This caller may not do this at all."),
        ("NotFound", "There is no such thing, or a rule hides it."),
        ("RateLimited", "Too many requests; the header `Retry-After` says when to try again, in seconds."),
    ]
    .map(|(name, words)| (name, answer(words, named("Error"))))
    .into()
}

/// An answer of JSON.
pub(super) fn answer(words: &str, shape: Shape) -> Response {
    ResponseBuilder::new().description(words).content("application/json", Content::new(Some(shape))).build()
}

/// Shapes that hang on no collection.
pub(super) fn schemas() -> Vec<(&'static str, Shape)> {
    let fields = ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(anything()))
        .description(Some("By field: `code` and `message`, or deeper objects of them where the field is one."));
    vec![
        ("Error", object([("status", integer()), ("message", text()), ("data", fields.into())])),
        ("GeoPoint", object([("lon", degrees(180)), ("lat", degrees(90))])),
        ("SecondFactor", object([("mfaId", text())])),
        (
            "Passkey",
            object([("id", text()), ("name", text()), ("created", text()), ("lastUsed", text()), ("synced", flag())]),
        ),
        ("Ceremony", object([("id", text()), ("publicKey", any_object())])),
        (
            "TotpState",
            object([("enabled", flag()), ("created", text()), ("lastUsed", text()), ("recoveryCodesLeft", integer())]),
        ),
        (
            "TotpSecret",
            object([("secret", text()), ("url", text()), ("qr", text()), ("digits", integer()), ("period", integer())]),
        ),
        ("RecoveryCodes", object([("recoveryCodes", list(text()))])),
        ("Session", session()),
        ("AuthMethods", methods()),
        ("BatchRequest", batch_request()),
    ]
}

fn degrees(most: i32) -> Shape {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-most)).maximum(Some(most)).into()
}

fn session() -> Shape {
    let texts = [
        "id",
        "collectionId",
        "collectionName",
        "recordId",
        "method",
        "ip",
        "userAgent",
        "created",
        "lastUsed",
        "expires",
    ];
    object(texts.map(|name| (name, text())).into_iter().chain([("refreshable", flag()), ("current?", flag())]))
}

fn methods() -> Shape {
    let provider = ["name", "displayName", "state", "authURL", "codeVerifier", "codeChallenge", "codeChallengeMethod"];
    let provider = object(provider.map(|name| (name, text())));
    let switch = || object([("enabled", flag())]);
    let timed = || object([("enabled", flag()), ("duration", integer())]);
    object([
        ("password", object([("enabled", flag()), ("identityFields", list(text()))])),
        ("oauth2", object([("enabled", flag()), ("providers", list(provider))])),
        ("mfa", timed()),
        ("otp", timed()),
        ("passkey", switch()),
        ("totp", switch()),
    ])
}

fn batch_request() -> Shape {
    object([
        ("method", one_of(["POST", "PATCH", "PUT", "DELETE"])),
        ("url", text()),
        ("body?", any_object()),
        ("headers?", any_object()),
    ])
}
