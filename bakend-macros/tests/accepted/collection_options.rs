use bakend::{Collection, DateTime, Email, Id, Password, Relation};

#[derive(Collection)]
#[collection(
    name = "members",
    auth(
        rule = "verified = true",
        manage_rule = "@request.auth.id = id",
        identity_fields = ["email", "handle", "nick"],
        password = true,
        alert = false,
        otp(duration = 60, length = 6),
        passkey(rp_id = "example.com", origins = ["https://app.example.com", "https://example.com:8443"]),
        totp,
        mfa(duration = 300, rule = "handle != ''"),
        oauth2(id = "handle", name = "nick", username = "handle", avatar_url = "nick"),
        auth_token = 3600,
        password_reset_token = 600,
        email_change_token = 600,
        verification_token = 600,
        file_token = 60,
        verification_mail(subject = "Verify", body = "{TOKEN}"),
        reset_password_mail(subject = "Reset"),
        email_change_mail(body = "{TOKEN}"),
        otp_mail(subject = "Code"),
        alert_mail(subject = "Alert"),
    ),
    rules(list = "", view = "id = @request.auth.id", create = "", update = "friends.id ?= id", delete = "handle = 'x'"),
    index(handle, created desc, where = "handle != ''", name = "idx_members_handle_created"),
    index(email_visibility),
    unique(nick nocase),
    rename_all = "camelCase",
    renamed_from = "people",
    entity = people_table
)]
pub struct Member {
    #[field(min = 5, max = 30, pattern = "^[a-z]+$", autogenerate_pattern = "[a-z]{10}")]
    pub id: Id<Self>,
    pub email: Option<Email>,
    pub email_visibility: bool,
    #[field(min = 12, cost = 10, pattern = ".*")]
    pub password: Password,
    #[field(unique)]
    pub handle: String,
    pub nick: Option<String>,
    pub friends: Vec<Relation<Self>>,
    #[field(on_create)]
    pub created: DateTime,
}

/// Every way to sign in but one, said to be off.
#[derive(Collection)]
#[collection(
    name = "robots",
    auth(password = false, otp = false, mfa = false, oauth2 = false, totp = false, alert = true, passkey(origins = ["http://localhost:8090"]))
)]
pub struct Robot {
    pub id: Id<Robot>,
}

#[derive(Collection)]
#[collection(name = "doors", auth(passkey = false))]
pub struct Door {
    pub id: Id<Door>,
}

/// The fields of a view have names only.
#[derive(Collection)]
#[collection(
    name = "handles",
    view = "SELECT id, handle AS short FROM members",
    rules(list = "", view = "short != ''")
)]
pub struct Handle {
    pub id: Id<Handle>,
    #[field(name = "short")]
    pub handle: String,
}

#[test]
fn every_option_of_a_collection() {
    let definition = Member::definition();
    assert_eq!(definition.renamed_from.as_deref(), Some("people"));
    assert_eq!(definition.indexes.len(), 4);
    assert_eq!(definition.auth["otp"]["length"], 6);
    assert_eq!(definition.auth["otp"]["emailTemplate"]["subject"], "Code");
    assert_eq!(definition.auth["oauth2"]["mappedFields"]["avatarURL"], "nick");
    assert_eq!(definition.auth["passkey"]["rpId"], "example.com");
    assert_eq!(definition.auth["totp"]["enabled"], true);
    let auth = Robot::definition().auth;
    for way in ["passwordAuth", "otp", "mfa", "oauth2", "totp"] {
        assert_eq!(auth[way]["enabled"], false, "{way}");
    }
    assert_eq!(auth["passkey"]["enabled"], true);
    assert_eq!(Door::definition().auth["passkey"]["enabled"], false);
    assert_eq!(Handle::handle.name(), "short");
    assert_eq!(Member::email_visibility.name(), "emailVisibility");
    let _ = Member::new("long secret here", "ann").email("ann@example.com").friends([Id::<Member>::new("x")]);
    let _ = people_table::Column::EmailVisibility;
}
