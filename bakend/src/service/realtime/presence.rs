//! Presence: clients that show on a channel that they are there, and what they show.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde_json::{Value as Json, json};

use super::{
    Realtime,
    channel::{Channel, who},
    client::{Client, named},
    registry::Account,
};
use crate::{
    Error, Kind, Result,
    limits::{PRESENCE_CHANNELS_MAX, PRESENCE_MEMBERS_MAX, PRESENCE_STATE_MAX_BYTES},
};

/// Who is there, by channel.
#[derive(Default)]
pub(super) struct Presence {
    channels: HashMap<String, BTreeMap<Arc<str>, Json>>,
    /// Channels on which a client shows, by its key.
    of_client: HashMap<Arc<str>, Vec<String>>,
}

impl Presence {
    /// Who is on a channel.
    fn members(&self, channel: &str) -> Vec<Json> {
        self.channels.get(channel).map(|members| members.values().cloned().collect()).unwrap_or_default()
    }

    /// Adds somebody, or changes what they show; what they showed before.
    fn track(&mut self, channel: &str, key: &Arc<str>, shown: Json) -> Result<Option<Json>> {
        let mine = self.of_client.entry(Arc::clone(key)).or_default();
        let members = self.channels.entry(channel.to_owned()).or_default();
        let is_new = !members.contains_key(key);
        let is_full = members.len() >= PRESENCE_MEMBERS_MAX || mine.len() >= PRESENCE_CHANNELS_MAX;
        if is_new && is_full {
            if members.is_empty() {
                self.channels.remove(channel);
            }
            if mine.is_empty() {
                self.of_client.remove(key);
            }
            return Err(Error::new(Kind::RateLimited, "Too many are present."));
        }
        if is_new {
            mine.push(channel.to_owned());
        }
        Ok(members.insert(Arc::clone(key), shown))
    }

    /// Removes somebody; what they showed.
    fn untrack(&mut self, channel: &str, key: &str) -> Option<Json> {
        let members = self.channels.get_mut(channel)?;
        let shown = members.remove(key)?;
        if members.is_empty() {
            self.channels.remove(channel);
        }
        if let Some(mine) = self.of_client.get_mut(key) {
            mine.retain(|own| own != channel);
            if mine.is_empty() {
                self.of_client.remove(key);
            }
        }
        Some(shown)
    }

    /// The account that a client shows as on a channel.
    fn account(&self, channel: &str, key: &str) -> Option<Account> {
        let user = self.channels.get(channel)?.get(key)?.get("user")?;
        Some((user.get("collectionId")?.as_str()?.to_owned(), user.get("id")?.as_str()?.to_owned()))
    }

    /// The channels on which a client shows.
    pub fn channels_of(&self, key: &str) -> Vec<String> {
        self.of_client.get(key).cloned().unwrap_or_default()
    }
}

impl Realtime {
    /// Shows a client on a channel, with what it wants to show of itself, or changes that; those who listen hear of it.
    ///
    /// # Errors
    /// - `Forbidden`: it may not listen there, or the channel knows no presence.
    /// - `Invalid`: it wants to show more than [`PRESENCE_STATE_MAX_BYTES`].
    /// - `RateLimited`: too many are there, or it is in too many places.
    pub async fn track(&self, client: &Arc<Client>, channel: &str, state: Json) -> Result<()> {
        self.may_listen(client, channel).await?;
        if !Channel::find(&self.app, channel).has_presence() {
            return Err(Error::forbidden("This channel knows no presence."));
        }
        if state.to_string().len() > PRESENCE_STATE_MAX_BYTES {
            return Err(Error::invalid(format!("At most {PRESENCE_STATE_MAX_BYTES} bytes can be shown.")));
        }
        let account = self.whole(client).await?;
        let user = account.as_deref().map(who);
        let shown = json!({ "key": &**client.key(), "user": user, "state": state });
        let before = self.hub().state().presence.track(channel, client.key(), shown.clone())?;
        if client.mailbox.is_closed() || account.is_some() && client.account() != account.as_deref().map(named) {
            // It left, or was signed out, while it was asked who it is.
            if before.is_some() {
                return self.untrack(client, channel).await;
            }
            // Nobody was told that it came.
            self.hub().state().presence.untrack(channel, client.key());
            return Ok(());
        }
        self.spread(channel, json!({ "action": "presence", "joined": [shown], "left": [] })).await.map(drop)
    }

    /// Ends that; who did not show is no fault.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn untrack(&self, client: &Arc<Client>, channel: &str) -> Result<()> {
        let shown = self.hub().state().presence.untrack(channel, client.key());
        match shown {
            Some(shown) => {
                self.spread(channel, json!({ "action": "presence", "joined": [], "left": [shown] })).await.map(drop)
            }
            None => Ok(()),
        }
    }

    /// Who shows on a channel: what each shows, with a key that stays theirs while they are connected.
    pub fn present(&self, channel: &str) -> Vec<Json> {
        self.hub().state().presence.members(channel)
    }

    /// Ends everything that a client shows where it may not listen any more, or as somebody who it is no longer: what an account shows ends
    /// with its access.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn review_presence(&self, client: &Arc<Client>) -> Result<()> {
        let channels = self.hub().state().presence.channels_of(client.key());
        for channel in channels {
            match self.may_listen(client, &channel).await {
                Err(error) if error.kind() == Kind::Forbidden => self.untrack(client, &channel).await?,
                outcome => outcome?,
            }
            let shown = self.hub().state().presence.account(&channel, client.key());
            if shown.is_some() && shown != client.account() {
                self.untrack(client, &channel).await?;
            }
        }
        Ok(())
    }

    /// The same in a while, of a client that was found to be signed out.
    pub(super) fn review_presence_later(&self, client: &Arc<Client>) {
        if self.hub().state().presence.channels_of(client.key()).is_empty() {
            return;
        }
        let (realtime, client) = (self.clone(), Arc::clone(client));
        tokio::spawn(async move {
            if let Err(error) = realtime.review_presence(&client).await {
                tracing::warn!(?error, "a presence could not be reviewed");
            }
        });
    }

    /// Ends everything that a client shows: it is gone.
    pub(super) fn forget_presence(&self, client: &Arc<Client>) {
        let channels = self.hub().state().presence.channels_of(client.key());
        if channels.is_empty() {
            return;
        }
        let (realtime, client) = (self.clone(), Arc::clone(client));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            for channel in channels {
                if let Err(error) = realtime.untrack(&client, &channel).await {
                    tracing::debug!(?error, "the end of a presence could not be told");
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_the_last_channel_leaves_nothing_behind() {
        let mut presence = Presence::default();
        let key: Arc<str> = "k".into();
        presence.track("a", &key, json!(1)).expect("there is room");
        presence.track("a", &key, json!(2)).expect("it changes");
        presence.track("b", &key, json!(3)).expect("there is room");
        assert_eq!((presence.members("a"), presence.channels_of("k")), (vec![json!(2)], vec!["a".into(), "b".into()]));
        assert_eq!(presence.untrack("a", "k"), Some(json!(2)));
        assert_eq!(presence.untrack("a", "k"), None);
        assert_eq!(presence.untrack("b", "k"), Some(json!(3)));
        assert!(presence.channels.is_empty() && presence.of_client.is_empty());
        for at in 0..PRESENCE_CHANNELS_MAX {
            presence.track(&format!("c{at}"), &key, json!(0)).expect("there is room");
        }
        assert_eq!(presence.track("more", &key, json!(0)).expect_err("too many").kind(), Kind::RateLimited);
        assert!(!presence.channels.contains_key("more"));
    }

    #[test]
    fn a_channel_has_room_for_so_many_and_no_more() {
        let mut presence = Presence::default();
        for at in 0..PRESENCE_MEMBERS_MAX {
            presence.track("a", &at.to_string().into(), json!(at)).expect("there is room");
        }
        let one_more = presence.track("a", &"late".into(), json!(0)).expect_err("too many");
        assert_eq!(one_more.kind(), Kind::RateLimited);
        assert!(!presence.of_client.contains_key("late"), "who was refused leaves nothing behind");
        presence.track("a", &"0".into(), json!("changed")).expect("who is there may change");
        presence.untrack("a", "0");
        presence.track("a", &"late".into(), json!(0)).expect("somebody left");
    }
}
