//! What browsers know us as: a domain, and the origins that may use its passkeys.

use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::{
    Error, Result,
    schema::auth_options::PasskeyOptions,
    service::{App, auth::passkeys::ceremonies::LIFE},
};

/// The party of a collection: what its options say, or the app's URL.
///
/// # Errors
/// `Invalid`: there is no domain that browsers take for passkeys; the message says where to set one.
pub(super) fn party(app: &App, options: &PasskeyOptions) -> Result<Webauthn> {
    let settings = app.settings();
    let unfit = || {
        Error::invalid(
            "Passkeys need a domain and https (or localhost): set the application URL, or the collection's passkey options.",
        )
    };
    let texts = match options.origins.as_slice() {
        [] => std::slice::from_ref(&settings.meta.app_url),
        origins => origins,
    };
    let origins: Vec<Url> = texts.iter().filter_map(|text| Url::parse(text).ok()).collect();
    let first = origins.first().ok_or_else(unfit)?;
    let domain = match options.rp_id.as_str() {
        "" => first.domain().ok_or_else(unfit)?,
        domain => domain,
    };
    let builder = WebauthnBuilder::new(domain, first).map_err(|error| unfit().caused_by(error))?;
    let builder = builder.rp_name(&settings.meta.app_name).timeout(LIFE);
    let builder = origins.iter().skip(1).fold(builder, |builder, origin| builder.append_allowed_origin(origin));
    builder.build().map_err(|error| unfit().caused_by(error))
}
