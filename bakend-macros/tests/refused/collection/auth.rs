use bakend::{Collection, Editor, Id};

#[derive(Collection)]
#[collection(
    name = "users",
    auth(
        rules = "",
        manage_rule = "",
        identity_fields = "email",
        password = "no",
        alert = 1,
        totp(issuer = "x"),
        otp(length = 3),
        mfa(after = 3),
        oauth2(email = "email"),
        passkey(rp = "example.com"),
    )
)]
pub struct Unknown {
    pub id: Id<Unknown>,
}

#[derive(Collection)]
#[collection(
    name = "users",
    auth(
        otp(duration = 5),
        mfa(duration = 100_000),
        passkey(rp_id = "https://example.com", origins = ["https://example.com"]),
        auth_token = 5,
        password_reset_token = "30m",
        email_change_token = 0.5,
        verification_token,
        file_token = 100_000_000,
        verification_mail(title = "x"),
        reset_password_mail(body = ""),
        email_change_mail(subject = ""),
        otp_mail = "Your code",
        alert_mail(subject = 1),
    )
)]
pub struct Bounds {
    pub id: Id<Bounds>,
}

#[derive(Collection)]
#[collection(
    name = "users",
    auth(passkey(rp_id = "example.com", origins = ["https://app.example.com", "http://example.com", "https://other.com", "app"]))
)]
pub struct Strangers {
    pub id: Id<Strangers>,
}

#[derive(Collection)]
#[collection(name = "users", auth(passkey(origins = ["example.com", "http://localhost:8090"]), otp(digits = 6)))]
pub struct Origins {
    pub id: Id<Origins>,
}

#[derive(Collection)]
#[collection(name = "members", auth(rule = "verifed = true", identity_fields = ["handle", "name"], oauth2(name = "nam"), mfa(rule = "handle != ''")))]
pub struct Member {
    pub id: Id<Member>,
    pub name: String,
    pub email: Editor,
    pub verified: String,
    #[field(name = "oldPassword")]
    pub old: String,
}

fn main() {}
