//! Changing what a client is subscribed to.

use std::{collections::HashSet, sync::Arc};

use super::{
    Realtime, channel,
    client::{Client, Wire},
    engine,
    letter::{Letter, Resync},
    topic::Topic,
};
use crate::{
    Error, FieldError, FieldErrors, Kind, Result,
    limits::{REALTIME_CLIENT_ID_MAX_CHARS, REALTIME_TOPIC_MAX_CHARS, REALTIME_TOPICS_MAX},
    query::RequestInfo,
    service::{
        auth::cache::SignedIn,
        changes,
        events::{self, SubscribeEvent, SubscribeParts},
    },
};

/// Who asks for a change of subscriptions.
pub struct Subscriber<'a> {
    /// Where the request comes from.
    pub address: std::net::IpAddr,
    /// Who signed in, with which token.
    pub signed_in: Option<(&'a str, &'a SignedIn)>,
    /// What hooks see of the request.
    pub info: Arc<RequestInfo>,
}

impl Realtime {
    /// Makes `topics` the subscriptions of a client of server-sent events, in place of all that it had, and binds whoever asks to it.
    ///
    /// Returns when everything that is committed from now on will be heard.
    ///
    /// # Errors
    /// - `Invalid`: the id is missing or too long, topics are too many or too long (field errors), or another address asks.
    /// - `NotFound`: no such client is connected.
    /// - `Forbidden`: another account is bound to it.
    ///
    /// Source: PocketBase web API, realtime.
    pub async fn replace_topics(&self, client_id: &str, topics: Vec<String>, asks: Subscriber<'_>) -> Result<()> {
        let errors = check(client_id, &topics);
        if !errors.is_empty() {
            return Err(Error::invalid("").fields(errors));
        }
        let client = self.client(client_id).filter(|client| client.wire() == Wire::Sse);
        let client = client.ok_or_else(|| Error::new(Kind::NotFound, "Missing or invalid client id."))?;
        if client.address() != asks.address {
            return Err(Error::invalid("Invalid realtime client."));
        }
        client.bind(&self.app, asks.signed_in).await?;
        let topics = self.agreed(&client, topics, asks.info).await?;
        let wanted: HashSet<&str> = topics.iter().map(String::as_str).collect();
        let had = self.hub().state().registry.topics(client.id());
        let gone: Vec<_> = had.into_iter().filter(|topic| !wanted.contains(&**topic)).collect();
        self.hub().state().registry.part(client.id(), &gone);
        self.join(&client, &topics).await
    }

    /// Subscribes a client to more topics; returns those that the hooks agreed to. `since`: its first subscriptions go on behind this entry of
    /// the changelog.
    ///
    /// # Errors
    /// - `Invalid`: topics are too many or too long (field errors), or `since` is given and it has subscriptions already, which would be told
    ///   twice.
    /// - `Forbidden`: it may not listen to a channel.
    /// - That of a hook.
    pub async fn add_topics(
        &self,
        client: &Arc<Client>,
        topics: Vec<String>,
        since: Option<i64>,
        info: Arc<RequestInfo>,
    ) -> Result<Vec<String>> {
        let had = self.hub().state().registry.topics(client.id());
        let new = topics.iter().filter(|topic| !had.iter().any(|own| **own == ***topic)).count();
        let mut errors = check(client.id(), &topics);
        if had.len() + new > REALTIME_TOPICS_MAX {
            errors.add("topics", too_many());
        }
        if !errors.is_empty() {
            return Err(Error::invalid("").fields(errors));
        }
        let topics = self.agreed(client, topics, info).await?;
        if channel::answers(client) {
            for topic in topics.iter().map(|topic| Topic::parse(topic)) {
                if let Some(name) = channel::name(&topic.head) {
                    self.may_listen(client, name).await?;
                }
            }
        }
        // Only now: a refusal leaves nothing behind.
        if let Some(since) = since
            && !self.hub().state().registry.set_since(client.id(), since)
        {
            return Err(Error::invalid("`since` belongs to the first subscription of a connection."));
        }
        self.join(client, &topics).await?;
        Ok(topics)
    }

    /// Ends subscriptions of a client; those that it does not have are no fault.
    pub fn remove_topics(&self, client: &Arc<Client>, topics: &[String]) {
        let topics: Vec<Arc<str>> = topics.iter().map(|topic| topic.as_str().into()).collect();
        self.hub().state().registry.part(client.id(), &topics);
    }

    async fn join(&self, client: &Arc<Client>, topics: &[String]) -> Result<()> {
        let topics: Vec<_> = topics.iter().filter(|text| !text.is_empty()).map(|text| Topic::parse(text)).collect();
        engine::start(&self.app);
        let last = changes::last(&self.app).await?;
        let mut state = self.hub().state();
        if state.claimed_by_anybody().is_none() {
            state.claimed = Some(last);
            self.hub().set_told(last);
        }
        let now = state.claimed.map_or(last, |claimed| claimed.max(last));
        let since = if topics.is_empty() { None } else { state.registry.take_since(client.id()) };
        match since {
            // Changes that never were: of another database, or of this one before it was restored.
            Some(since) if since > now => {
                state.registry.join(client.id(), topics, now);
                client.mailbox.send(Letter::Resync(Resync::Pruned, now), now);
            }
            Some(since) => {
                state.registry.join(client.id(), topics, since);
                if since < state.claimed.unwrap_or(now) {
                    state.registry.set_catching_up(client.id(), true);
                    self.catch_up(client, since);
                }
            }
            None => {
                // Of the topics that it had, entries that the tail has taken on may not be in its mailbox yet.
                let listens = !state.registry.topics(client.id()).is_empty();
                let position = if listens { self.hub().told() } else { now };
                state.registry.join(client.id(), topics, now);
                let is_elsewhere = state.registry.is_catching_up(client.id()) || state.registry.has_since(client.id());
                if !is_elsewhere {
                    // Before the tail goes on, so that the client knows where it began.
                    client.mailbox.send(Letter::Position(position), position);
                }
            }
        }
        drop(state);
        self.hub().woken().notify_one();
        Ok(())
    }

    /// Lets the subscribe hooks have their say.
    async fn agreed(&self, client: &Arc<Client>, topics: Vec<String>, info: Arc<RequestInfo>) -> Result<Vec<String>> {
        let chain = &self.app.hooks().realtime_subscribe;
        if !chain.is_used() {
            return Ok(topics);
        }
        let parts = SubscribeParts { app: self.app.clone(), client: Arc::clone(client), topics, request: info };
        let mut event = SubscribeEvent::new(parts);
        if !chain.all_agree(&mut event, &[]).await? {
            return Err(events::stopped());
        }
        Ok(event.into_parts().topics)
    }
}

fn check(client_id: &str, topics: &[String]) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if client_id.is_empty() {
        errors.add("clientId", FieldError::required());
    } else if client_id.chars().count() > REALTIME_CLIENT_ID_MAX_CHARS {
        let message = format!("The length must be between 1 and {REALTIME_CLIENT_ID_MAX_CHARS}.");
        let error = FieldError::new("validation_length_out_of_range", message);
        errors.add("clientId", error.with("min", 1).with("max", REALTIME_CLIENT_ID_MAX_CHARS));
    }
    if topics.len() > REALTIME_TOPICS_MAX {
        errors.add("subscriptions", too_many());
        return errors;
    }
    let mut wrong = FieldErrors::new();
    for (at, topic) in topics.iter().enumerate() {
        if topic.chars().count() > REALTIME_TOPIC_MAX_CHARS {
            wrong.add(at.to_string(), too_long(REALTIME_TOPIC_MAX_CHARS));
        } else if topic.contains(['\r', '\n']) {
            // It would end the line of a server-sent event that names the topic.
            wrong.add(at.to_string(), FieldError::new("validation_match_invalid", "Must be in a valid format."));
        }
    }
    errors.add("subscriptions", wrong);
    errors
}

fn too_many() -> FieldError {
    too_long(REALTIME_TOPICS_MAX)
}

fn too_long(max: usize) -> FieldError {
    let message = format!("The length must be no more than {max}.");
    FieldError::new("validation_length_too_long", message).with("min", 0).with("max", max)
}

#[cfg(test)]
mod tests;
