//! A picture for each provider's button.
//!
//! The marks are those of Simple Icons (public domain, CC0), in each provider's colour; where that has none, a plain drawing of ours.

/// The picture of a provider, as SVG text; `""`: there is none.
pub(super) fn of(provider: &str) -> &'static str {
    let with_line_end = match provider {
        "apple" => include_str!("logos/apple.svg"),
        "bitbucket" => include_str!("logos/bitbucket.svg"),
        "box" => include_str!("logos/box.svg"),
        "discord" => include_str!("logos/discord.svg"),
        "facebook" => include_str!("logos/facebook.svg"),
        "gitea" => include_str!("logos/gitea.svg"),
        "gitee" => include_str!("logos/gitee.svg"),
        "github" => include_str!("logos/github.svg"),
        "gitlab" => include_str!("logos/gitlab.svg"),
        "google" => include_str!("logos/google.svg"),
        "instagram2" => include_str!("logos/instagram2.svg"),
        "kakao" => include_str!("logos/kakao.svg"),
        "lark" => include_str!("logos/lark.svg"),
        "linear" => include_str!("logos/linear.svg"),
        "livechat" => include_str!("logos/livechat.svg"),
        "mailcow" => include_str!("logos/mailcow.svg"),
        "microsoft" => include_str!("logos/microsoft.svg"),
        "monday" => include_str!("logos/monday.svg"),
        "notion" => include_str!("logos/notion.svg"),
        "patreon" => include_str!("logos/patreon.svg"),
        "planningcenter" => include_str!("logos/planningcenter.svg"),
        "spotify" => include_str!("logos/spotify.svg"),
        "strava" => include_str!("logos/strava.svg"),
        "trakt" => include_str!("logos/trakt.svg"),
        "twitch" => include_str!("logos/twitch.svg"),
        "twitter" => include_str!("logos/twitter.svg"),
        "vk" => include_str!("logos/vk.svg"),
        "wakatime" => include_str!("logos/wakatime.svg"),
        "yandex" => include_str!("logos/yandex.svg"),
        "oidc" | "oidc2" | "oidc3" => include_str!("logos/oidc.svg"),
        _ => "",
    };
    with_line_end.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::auth::oauth2::table::ROWS;

    #[test]
    fn every_provider_has_a_picture_that_does_nothing() {
        for row in &ROWS {
            let logo = of(row.name);
            assert!(logo.starts_with("<svg xmlns=") && logo.ends_with("</svg>"), "{}", row.name);
            let acts = ["script", "href", "onload", "<foreignObject", "<!"];
            assert!(acts.iter().all(|part| !logo.contains(part)), "{}", row.name);
        }
    }
}
