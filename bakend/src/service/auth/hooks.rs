//! The events of accounts, and the chains that listen to them.

use std::sync::Arc;

use serde_json::Value as Json;

use super::finish::Method;
use crate::{
    Result,
    hooks::Chain,
    query::RequestInfo,
    schema::{Collection, Record},
    service::{
        App,
        events::{self, Dynamic, Event},
        records::{Call, Client},
    },
};

/// What happens to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthAction {
    /// Somebody signs in; they have proved who they are, by both factors where two are asked for.
    SignIn(Method),
    /// A token is exchanged for a fresh one.
    Refresh,
    /// Somebody makes an account, other than a superuser or the program itself.
    Register,
    /// A one-time password is asked for.
    OtpRequest,
    /// A mail to verify the address is asked for.
    VerificationRequest,
    /// The address is verified.
    Verification,
    /// A mail to choose a new password is asked for.
    PasswordResetRequest,
    /// A new password is set with such a mail's token.
    PasswordReset,
    /// Another address is asked for.
    EmailChangeRequest {
        /// The other address.
        new_email: String,
    },
    /// The other address is confirmed.
    EmailChange {
        /// The other address.
        new_email: String,
    },
}

/// Something happens to an account.
///
/// ```
/// use bakend::{Bakend, Collection, Email, Error, Id};
///
/// #[derive(Collection)]
/// #[collection(name = "users", auth)]
/// struct User {
///     id: Id<User>,
///     email: Email,
///     blocked: bool,
/// }
///
/// # fn main() {
/// let backend = Bakend::builder().collection::<User>().before_sign_in::<User>(async |e| {
///     if e.record()?.blocked { Err(Error::forbidden("This account is blocked")) } else { Ok(()) }
/// });
/// # let _ = backend; }
/// ```
pub type AuthEvent<T = Dynamic> = Event<AuthParts, T>;

/// The parts of an [`AuthEvent`].
pub struct AuthParts {
    /// The app.
    pub app: App,
    /// Who asks, and what was sent.
    pub request: Arc<RequestInfo>,
    /// From where, where that is known.
    pub client: Option<Arc<Client>>,
    /// Of which accounts.
    pub collection: Arc<Collection>,
    /// The account. What a `before` hook changes in it counts at [`AuthAction::Register`] only.
    pub record: Record,
    /// What happens.
    pub action: AuthAction,
    /// At sign-ins: what the answer holds as `meta`; `before` hooks may change it.
    pub meta: Option<Json>,
}

/// Both phases of what happens to an account.
#[derive(Default)]
pub struct AuthPhases {
    /// May reject, by an error that the caller sees, or by not calling `next`.
    pub before: Chain<AuthEvent>,
    /// Once it has happened; an error is logged and undoes nothing.
    pub after: Chain<AuthEvent>,
}

/// The chains of all events of accounts.
///
/// Where a mail is asked for with an address, hooks hear of it only when there is such an account: a hook that rejects, or takes its time,
/// tells the caller that there is.
#[derive(Default)]
pub struct AuthHooks {
    /// Signing in, by any method.
    pub sign_in: AuthPhases,
    /// A fresh token.
    pub refresh: AuthPhases,
    /// A new account.
    pub register: AuthPhases,
    /// Asking for a one-time password.
    pub otp_request: AuthPhases,
    /// Asking for a verification mail.
    pub verification_request: AuthPhases,
    /// Verifying the address.
    pub verification: AuthPhases,
    /// Asking for a password reset mail.
    pub password_reset_request: AuthPhases,
    /// Setting a new password by mail.
    pub password_reset: AuthPhases,
    /// Asking for another address.
    pub email_change_request: AuthPhases,
    /// Confirming another address.
    pub email_change: AuthPhases,
}

impl AuthHooks {
    /// The chains of one kind of event.
    pub fn of(&self, action: &AuthAction) -> &AuthPhases {
        match action {
            AuthAction::SignIn(_) => &self.sign_in,
            AuthAction::Refresh => &self.refresh,
            AuthAction::Register => &self.register,
            AuthAction::OtpRequest => &self.otp_request,
            AuthAction::VerificationRequest => &self.verification_request,
            AuthAction::Verification => &self.verification,
            AuthAction::PasswordResetRequest => &self.password_reset_request,
            AuthAction::PasswordReset => &self.password_reset,
            AuthAction::EmailChangeRequest { .. } => &self.email_change_request,
            AuthAction::EmailChange { .. } => &self.email_change,
        }
    }

    /// Whether a hook was ever added.
    pub fn are_used(&self) -> bool {
        [
            &self.sign_in,
            &self.refresh,
            &self.register,
            &self.otp_request,
            &self.verification_request,
            &self.verification,
            &self.password_reset_request,
            &self.password_reset,
            &self.email_change_request,
            &self.email_change,
        ]
        .iter()
        .any(|phases| phases.before.is_used() || phases.after.is_used())
    }
}

/// Whether the creation of a record is somebody's registration.
pub(crate) fn is_registration(collection: &Collection, request: &RequestInfo) -> bool {
    // What the program itself creates comes without a method.
    collection.is_auth() && !request.method.is_empty() && !request.is_superuser()
}

/// Runs the `before` hooks; returns the record and the `meta` as they left them.
///
/// # Errors
/// The hook's own; `Invalid` when a hook neither failed nor called `next`.
pub(crate) async fn before(
    call: &Call,
    action: AuthAction,
    record: Record,
    meta: Option<Json>,
) -> Result<(Record, Option<Json>)> {
    let chain = &call.app.hooks().auth.of(&action).before;
    let collection = Arc::clone(&record.collection);
    let tags = events::tags(&collection);
    if !chain.listens(&tags) {
        return Ok((record, meta));
    }
    let mut event = event(call, action, record, meta);
    if !chain.all_agree(&mut event, &tags).await? {
        return Err(events::stopped());
    }
    let AuthParts { record, meta, .. } = event.into_parts();
    Ok((record, meta))
}

/// Runs the `before` hooks of what changes neither record nor answer.
///
/// # Errors
/// As [`before`].
pub(crate) async fn agree(call: &Call, action: AuthAction, record: &Record) -> Result<()> {
    let chain = &call.app.hooks().auth.of(&action).before;
    if !chain.listens(&events::tags(&record.collection)) {
        return Ok(());
    }
    before(call, action, record.clone(), None).await.map(drop)
}

/// Runs the `after` hooks: it has happened, whatever they say.
pub(crate) async fn after(call: &Call, action: AuthAction, record: &Record) {
    let chain = &call.app.hooks().auth.of(&action).after;
    let tags = events::tags(&record.collection);
    if !chain.listens(&tags) {
        return;
    }
    let mut event = event(call, action, record.clone(), None);
    if let Err(error) = chain.all_agree(&mut event, &tags).await {
        let (action, collection) = (&event.action, &event.collection.name);
        tracing::error!(?action, collection, record = record.id(), ?error, "an after hook failed");
    }
}

fn event(call: &Call, action: AuthAction, record: Record, meta: Option<Json>) -> AuthEvent {
    AuthEvent::new(AuthParts {
        app: call.app.clone(),
        request: Arc::clone(&call.info),
        client: call.client.clone(),
        collection: Arc::clone(&record.collection),
        record,
        action,
        meta,
    })
}
