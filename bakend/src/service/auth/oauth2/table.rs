//! Every provider: where it is asked, for what, and how its answer reads. What does not fit a table is in `odd`.
//!
//! Source: PocketBase web API, OAuth2 providers, and each provider's own documentation.

use super::odd;

/// A provider as it is until a collection overrides something.
pub(super) struct Row {
    /// How collections name it.
    pub name: &'static str,
    /// How people know it.
    pub display_name: &'static str,
    /// Where people agree, where codes become tokens, where tokens tell who it is; `""`: the collection must say.
    pub urls: [&'static str; 3],
    /// Parted by spaces.
    pub scopes: &'static str,
    /// Whether codes are bound to a verifier.
    pub pkce: bool,
    /// How the person is asked for.
    pub way: Way,
    /// Where in the answer things are: pointers, `""` where there is nothing.
    pub paths: Paths,
    /// What else has to happen to what was read.
    pub after: odd::After,
}

/// How a provider is asked who it is.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// `GET` with the token.
    Get,
    /// The same with headers; `{id}` is the client's id.
    GetWith(&'static [(&'static str, &'static str)]),
    /// `POST` of a GraphQL query.
    GraphQl(&'static str),
    /// `GET`, and the list of addresses elsewhere.
    Addresses(odd::Addresses),
    /// An OIDC provider: the userinfo endpoint or the id token.
    Oidc,
    /// Microsoft: `GET`, with the address of the id token where the collection says so.
    Microsoft,
    /// Apple: the id token only.
    Apple,
}

/// JSON pointers into the answer.
#[derive(Clone, Copy)]
pub(super) struct Paths {
    pub id: &'static str,
    pub name: &'static str,
    pub username: &'static str,
    pub avatar: &'static str,
    pub email: &'static str,
    /// All of these must be true for the address to be trusted.
    pub verified: &'static [&'static str],
    /// Where the account's state is, and what it must be.
    pub active: Option<(&'static str, &'static str)>,
}

const NO_PATHS: Paths = Paths { id: "", name: "", username: "", avatar: "", email: "", verified: &[], active: None };

const fn row(
    name: &'static str,
    display_name: &'static str,
    urls: [&'static str; 3],
    scopes: &'static str,
    paths: Paths,
) -> Row {
    Row { name, display_name, urls, scopes, pkce: true, way: Way::Get, paths, after: odd::nothing }
}

impl Row {
    const fn without_pkce(self) -> Self {
        Self { pkce: false, ..self }
    }

    const fn way(self, way: Way) -> Self {
        Self { way, ..self }
    }

    const fn after(self, after: odd::After) -> Self {
        Self { after, ..self }
    }
}

/// `[id, name, username, avatar, email]`.
const fn at(paths: [&'static str; 5]) -> Paths {
    let [id, name, username, avatar, email] = paths;
    Paths { id, name, username, avatar, email, ..NO_PATHS }
}

impl Paths {
    const fn verified(self, verified: &'static [&'static str]) -> Self {
        Self { verified, ..self }
    }

    const fn active(self, path: &'static str, value: &'static str) -> Self {
        Self { active: Some((path, value)), ..self }
    }
}

const OIDC: Paths = at(["/sub", "/name", "/preferred_username", "/picture", "/email"]).verified(&["/email_verified"]);

const fn oidc(name: &'static str) -> Row {
    row(name, "OIDC", ["", "", ""], "openid email profile", OIDC).way(Way::Oidc)
}

/// The row of a name.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

/// All providers, in the order they are shown.
pub(super) const ROWS: [Row; 32] = [
    row(
        "apple",
        "Apple",
        ["https://appleid.apple.com/auth/authorize", "https://appleid.apple.com/auth/token", odd::APPLE_KEYS],
        "name email",
        at(["/sub", "/name", "", "", "/email"]).verified(&["/email_verified"]),
    )
    .way(Way::Apple),
    row(
        "google",
        "Google",
        [
            "https://accounts.google.com/o/oauth2/v2/auth",
            "https://oauth2.googleapis.com/token",
            "https://www.googleapis.com/oauth2/v3/userinfo",
        ],
        "https://www.googleapis.com/auth/userinfo.profile https://www.googleapis.com/auth/userinfo.email",
        at(["/sub", "/name", "", "/picture", "/email"]).verified(&["/email_verified"]),
    ),
    row(
        "microsoft",
        "Microsoft",
        [
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "https://graph.microsoft.com/v1.0/me",
        ],
        "User.Read",
        at(["/id", "/displayName", "", "", "/mail"]),
    )
    .way(Way::Microsoft),
    row(
        "yandex",
        "Yandex",
        ["https://oauth.yandex.com/authorize", "https://oauth.yandex.com/token", "https://login.yandex.ru/info"],
        "login:email login:avatar login:info",
        at(["/id", "/real_name", "/login", "", "/default_email"]),
    )
    .after(odd::yandex),
    row(
        "facebook",
        "Facebook",
        [
            "https://www.facebook.com/v3.2/dialog/oauth",
            "https://graph.facebook.com/v3.2/oauth/access_token",
            "https://graph.facebook.com/me?fields=name,email,picture.type(large)",
        ],
        "email",
        at(["/id", "/name", "", "/picture/data/url", "/email"]),
    ),
    row(
        "instagram2",
        "Instagram",
        [
            "https://www.instagram.com/oauth/authorize",
            "https://api.instagram.com/oauth/access_token",
            "https://graph.instagram.com/me?fields=id,user_id,name,username,profile_picture_url,account_type",
        ],
        "instagram_business_basic",
        at(["/user_id", "/name", "/username", "/profile_picture_url", ""]),
    ),
    row(
        "github",
        "GitHub",
        [
            "https://github.com/login/oauth/authorize",
            "https://github.com/login/oauth/access_token",
            "https://api.github.com/user",
        ],
        "read:user user:email",
        at(["/id", "/name", "/login", "/avatar_url", ""]),
    )
    .way(Way::Addresses(odd::GITHUB)),
    row(
        "gitlab",
        "GitLab",
        ["https://gitlab.com/oauth/authorize", "https://gitlab.com/oauth/token", "https://gitlab.com/api/v4/user"],
        "read_user",
        at(["/id", "/name", "/username", "/avatar_url", "/email"]).verified(&["/confirmed_at"]),
    ),
    row(
        "bitbucket",
        "Bitbucket",
        [
            "https://bitbucket.org/site/oauth2/authorize",
            "https://bitbucket.org/site/oauth2/access_token",
            "https://api.bitbucket.org/2.0/user",
        ],
        "account",
        at(["/uuid", "/display_name", "/username", "/links/avatar/href", ""]).active("/account_status", "active"),
    )
    .without_pkce()
    .way(Way::Addresses(odd::BITBUCKET)),
    row(
        "gitee",
        "Gitee",
        ["https://gitee.com/oauth/authorize", "https://gitee.com/oauth/token", "https://gitee.com/api/v5/user"],
        "user_info emails",
        at(["/id", "/name", "/login", "/avatar_url", "/email"]),
    )
    .way(Way::Addresses(odd::GITEE)),
    row(
        "gitea",
        "Gitea/Forgejo",
        [
            "https://gitea.com/login/oauth/authorize",
            "https://gitea.com/login/oauth/access_token",
            "https://gitea.com/api/v1/user",
        ],
        "read:user user:email",
        at(["/id", "/full_name", "/login", "/avatar_url", ""]),
    )
    .way(Way::Addresses(odd::GITHUB)),
    row(
        "discord",
        "Discord",
        [
            "https://discord.com/api/oauth2/authorize",
            "https://discord.com/api/oauth2/token",
            "https://discord.com/api/users/@me",
        ],
        "identify email",
        at(["/id", "/global_name", "/username", "", "/email"]).verified(&["/verified"]),
    )
    .after(odd::discord),
    row(
        "twitter",
        "X/Twitter",
        [
            "https://x.com/i/oauth2/authorize",
            "https://api.x.com/2/oauth2/token",
            "https://api.x.com/2/users/me?user.fields=id,name,username,profile_image_url,confirmed_email",
        ],
        "users.read users.email tweet.read",
        at(["/data/id", "/data/name", "/data/username", "/data/profile_image_url", "/data/confirmed_email"]),
    ),
    row(
        "kakao",
        "Kakao",
        [
            "https://kauth.kakao.com/oauth/authorize",
            "https://kauth.kakao.com/oauth/token",
            "https://kapi.kakao.com/v2/user/me",
        ],
        "account_email profile_nickname profile_image",
        at(["/id", "", "/properties/nickname", "/properties/profile_image", "/kakao_account/email"])
            .verified(&["/kakao_account/is_email_valid", "/kakao_account/is_email_verified"]),
    ),
    row(
        "vk",
        "ВКонтакте",
        [
            "https://oauth.vk.com/authorize",
            "https://oauth.vk.com/access_token",
            "https://api.vk.com/method/users.get?fields=photo_max,screen_name&v=5.131",
        ],
        "email",
        at(["/response/0/id", "", "/response/0/screen_name", "/response/0/photo_max", ""]),
    )
    .without_pkce()
    .after(odd::vk),
    row(
        "linear",
        "Linear",
        ["https://linear.app/oauth/authorize", "https://api.linear.app/oauth/token", "https://api.linear.app/graphql"],
        "read",
        at([
            "/data/viewer/id",
            "/data/viewer/name",
            "/data/viewer/displayName",
            "/data/viewer/avatarUrl",
            "/data/viewer/email",
        ])
        .active("/data/viewer/active", "true"),
    )
    .without_pkce()
    .way(Way::GraphQl("query { viewer { id name displayName avatarUrl email active } }")),
    row(
        "notion",
        "Notion",
        [
            "https://api.notion.com/v1/oauth/authorize",
            "https://api.notion.com/v1/oauth/token",
            "https://api.notion.com/v1/users/me",
        ],
        "",
        at([
            "/bot/owner/user/id",
            "/bot/owner/user/name",
            "",
            "/bot/owner/user/avatar_url",
            "/bot/owner/user/person/email",
        ]),
    )
    .way(Way::GetWith(&[("Notion-Version", "2022-06-28")])),
    row(
        "monday",
        "monday.com",
        [
            "https://auth.monday.com/oauth2/authorize",
            "https://auth.monday.com/oauth2/token",
            "https://api.monday.com/v2",
        ],
        "me:read",
        at(["/data/me/id", "/data/me/name", "", "/data/me/photo_small", "/data/me/email"])
            .verified(&["/data/me/is_verified"])
            .active("/data/me/enabled", "true"),
    )
    .way(Way::GraphQl("query { me { id name photo_small email is_verified enabled } }")),
    row(
        "lark",
        "Lark",
        [
            "https://accounts.feishu.cn/open-apis/authen/v1/authorize",
            "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
            "https://open.feishu.cn/open-apis/authen/v1/user_info",
        ],
        "",
        at(["/data/union_id", "/data/name", "", "/data/avatar_url", ""]),
    ),
    row(
        "box",
        "Box",
        [
            "https://account.box.com/api/oauth2/authorize",
            "https://api.box.com/oauth2/token",
            "https://api.box.com/2.0/users/me",
        ],
        "root_readonly",
        at(["/id", "/name", "", "/avatar_url", "/login"]).active("/status", "active"),
    ),
    row(
        "spotify",
        "Spotify",
        [
            "https://accounts.spotify.com/authorize",
            "https://accounts.spotify.com/api/token",
            "https://api.spotify.com/v1/me",
        ],
        "user-read-private",
        at(["/id", "/display_name", "", "/images/0/url", ""]),
    ),
    row(
        "trakt",
        "Trakt",
        [
            "https://trakt.tv/oauth/authorize",
            "https://api.trakt.tv/oauth/token",
            "https://api.trakt.tv/users/settings?extended=full",
        ],
        "",
        at(["/user/ids/uuid", "/user/name", "/user/username", "/user/images/avatar/full", ""]),
    )
    .way(Way::GetWith(&[("trakt-api-version", "2"), ("trakt-api-key", "{id}")])),
    row(
        "twitch",
        "Twitch",
        [
            "https://id.twitch.tv/oauth2/authorize",
            "https://id.twitch.tv/oauth2/token",
            "https://api.twitch.tv/helix/users",
        ],
        "user:read:email",
        at(["/data/0/id", "/data/0/display_name", "/data/0/login", "/data/0/profile_image_url", "/data/0/email"]),
    )
    .way(Way::GetWith(&[("Client-Id", "{id}")])),
    row(
        "patreon",
        "Patreon",
        [
            "https://www.patreon.com/oauth2/authorize",
            "https://www.patreon.com/api/oauth2/token",
            "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=full_name,vanity,image_url,email,is_email_verified",
        ],
        "identity identity[email]",
        at([
            "/data/id",
            "/data/attributes/full_name",
            "/data/attributes/vanity",
            "/data/attributes/image_url",
            "/data/attributes/email",
        ])
        .verified(&["/data/attributes/is_email_verified"]),
    ),
    row(
        "strava",
        "Strava",
        [
            "https://www.strava.com/oauth/authorize",
            "https://www.strava.com/api/v3/oauth/token",
            "https://www.strava.com/api/v3/athlete",
        ],
        "profile:read_all",
        at(["/id", "", "/username", "/profile", ""]),
    )
    .after(odd::strava),
    row(
        "wakatime",
        "WakaTime",
        [
            "https://wakatime.com/oauth/authorize",
            "https://wakatime.com/oauth/token",
            "https://wakatime.com/api/v1/users/current",
        ],
        "email",
        at(["/data/id", "/data/display_name", "/data/username", "/data/photo", "/data/email"])
            .verified(&["/data/is_email_confirmed"]),
    )
    .after(odd::wakatime),
    row(
        "livechat",
        "LiveChat",
        [
            "https://accounts.livechat.com/",
            "https://accounts.livechat.com/token",
            "https://accounts.livechat.com/v2/accounts/me",
        ],
        "",
        at(["/account_id", "/name", "", "/avatar_url", "/email"]).verified(&["/email_verified"]),
    ),
    row(
        "mailcow",
        "mailcow",
        ["", "", ""],
        "profile",
        at(["/id", "/full_name", "/username", "", "/email"]).active("/active", "1"),
    )
    .after(odd::mailcow),
    row(
        "planningcenter",
        "Planning Center",
        [
            "https://api.planningcenteronline.com/oauth/authorize",
            "https://api.planningcenteronline.com/oauth/token",
            "https://api.planningcenteronline.com/people/v2/me",
        ],
        "people",
        at(["/data/id", "/data/attributes/name", "", "/data/attributes/avatar", ""])
            .active("/data/attributes/status", "active"),
    ),
    oidc("oidc"),
    oidc("oidc2"),
    oidc("oidc3"),
];
