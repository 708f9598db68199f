//! One operation of the document, put together.

use serde_json::json;
use utoipa::openapi::{
    Content, HttpMethod, Ref, RefOr, Required, Response, ResponseBuilder,
    path::{Operation, OperationBuilder, Parameter},
    request_body::{RequestBody, RequestBodyBuilder},
    security::SecurityRequirement,
};

use super::{
    TOKEN, extension, fixed,
    parts::{Shape, answer},
};
use crate::schema::Collection;

/// An operation and where it is.
pub(super) struct Endpoint {
    pub path: String,
    pub method: HttpMethod,
    pub operation: Operation,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Superusers only, as the rule is locked.
    Locked,
    /// Who the rule lets in.
    Rule,
    /// Everybody.
    Public,
    /// Whose account it is.
    Account,
    /// Superusers only, always.
    Superuser,
}

impl Access {
    /// What a rule of a collection says.
    pub fn of(rule: &Option<String>) -> Self {
        match rule.as_deref().map(str::trim) {
            None => Self::Locked,
            Some("") => Self::Public,
            Some(_) => Self::Rule,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Rule => "rule",
            Self::Public => "public",
            Self::Account => "account",
            Self::Superuser => "superuser",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Locked => "Superusers only: the rule is locked.",
            Self::Rule => "Superusers, and who meets the rule of the collection.",
            Self::Public => "Everybody, guests too.",
            Self::Account => "Who is signed in, about their own account.",
            Self::Superuser => "Superusers only.",
        }
    }
}

/// An operation that is being described.
pub(super) struct Draft {
    endpoint: Endpoint,
    access: Access,
    words: String,
}

/// An operation on what a collection holds: `action` is what clients call it.
pub(super) fn on(collection: &Collection, action: &str, method: HttpMethod, tail: &str, access: Access) -> Draft {
    let path = format!("/api/collections/{}/{tail}", collection.name);
    let about = json!({ "collection": collection.name, "action": action, "access": access.name() });
    let operation = OperationBuilder::new()
        .operation_id(Some(format!("{}.{action}", collection.name)))
        .tag(&collection.name)
        .extensions(extension("operation", about));
    draft(path, method, operation, access)
}

/// An operation that hangs on no collection.
pub(super) fn fixed(action: &str, method: HttpMethod, path: &str, access: Access) -> Draft {
    let about = json!({ "action": action, "access": access.name() });
    let operation =
        OperationBuilder::new().operation_id(Some(action)).tag(fixed::TAG).extensions(extension("operation", about));
    draft(path.to_owned(), method, operation, access)
}

fn draft(path: String, method: HttpMethod, operation: OperationBuilder, access: Access) -> Draft {
    let token = SecurityRequirement::new::<_, [&str; 0], &str>(TOKEN, []);
    let security = match access {
        // Nothing is needed, but who is signed in may see more.
        Access::Public | Access::Rule => vec![SecurityRequirement::default(), token],
        Access::Locked | Access::Account | Access::Superuser => vec![token],
    };
    let operation = operation.securities(Some(security)).build();
    Draft { endpoint: Endpoint { path, method, operation }, access, words: String::new() }.refuses(&["RateLimited"])
}

impl Draft {
    /// What it does, in a line, and what else there is to know.
    pub fn says(mut self, summary: &str, words: &str) -> Self {
        self.endpoint.operation.summary = Some(summary.to_owned());
        words.clone_into(&mut self.words);
        self
    }

    /// Takes shared parameters.
    pub fn takes(mut self, names: &[&str]) -> Self {
        let shared = names.iter().map(|name| RefOr::Ref(Ref::new(format!("#/components/parameters/{name}"))));
        self.endpoint.operation.parameters.get_or_insert_default().extend(shared);
        self
    }

    /// Takes a parameter of its own.
    pub fn with(mut self, parameter: Parameter) -> Self {
        self.endpoint.operation.parameters.get_or_insert_default().push(parameter.into());
        self
    }

    /// Takes a body: JSON, and the same or more as a form.
    pub fn body(self, shape: Shape, form: Option<Shape>) -> Self {
        let body = RequestBodyBuilder::new().content("application/json", Content::new(Some(shape)));
        let body = match form {
            Some(form) => body.content("multipart/form-data", Content::new(Some(form))),
            None => body,
        };
        self.sends(body.required(Some(Required::True)).build())
    }

    fn sends(mut self, body: RequestBody) -> Self {
        self.endpoint.operation.request_body = Some(body.into());
        self
    }

    /// Answers with JSON.
    pub fn answers(self, words: &str, shape: Shape) -> Self {
        self.also("200", answer(words, shape))
    }

    /// Answers with nothing.
    pub fn answers_nothing(self) -> Self {
        self.also("204", ResponseBuilder::new().description("Done.").build())
    }

    /// Answers in yet another way.
    pub fn also(mut self, status: &str, response: Response) -> Self {
        self.endpoint.operation.responses.responses.insert(status.to_owned(), response.into());
        self
    }

    /// Refuses for shared reasons.
    pub fn refuses(mut self, names: &[&str]) -> Self {
        for name in names {
            let status = match *name {
                "Invalid" => "400",
                "Unauthenticated" => "401",
                "Forbidden" => "403",
                "NotFound" => "404",
                _ => "429",
            };
            let answer = Ref::from_response_name(*name).into();
            self.endpoint.operation.responses.responses.insert(status.to_owned(), answer);
        }
        self
    }

    /// The whole of it.
    pub fn done(mut self) -> Endpoint {
        let words = format!("{} {}", self.words, self.access.words());
        self.endpoint.operation.description = Some(words.trim().to_owned());
        self.endpoint
    }
}
