use bakend::{Collection, Editor, Id};

#[derive(Collection)]
#[collection(
    name = "users",
    auth(
        rules = "",
        manage_rule = "",
        auth_token = 5,
        otp(length = 3),
        mfa(after = 3),
        oauth2(email = "email"),
        verification_mail(title = "x", body = ""),
        password = "no",
    )
)]
pub struct User {
    pub id: Id<User>,
}

#[derive(Collection)]
#[collection(name = "members", auth(rule = "verifed = true", identity_fields = ["handle", "name"], oauth2(name = "nam")))]
pub struct Member {
    pub id: Id<Member>,
    pub name: String,
    pub email: Editor,
    pub verified: String,
    #[field(name = "oldPassword")]
    pub old: String,
}

fn main() {}
