//! Records: list, view, create, update, delete, with rules, hooks and files.

mod access;
mod body;
mod cascade;
mod create;
mod delete;
mod expand;
mod list;
mod render;
mod stored;
pub(crate) mod told;
mod update;
mod validate;
mod view;
mod write;

use std::{net::IpAddr, sync::Arc};

pub(crate) use self::{
    access::needs_area,
    body::{Draft, NewFile, file_field_of_key},
    create::proof_row,
    list::narrowed,
    update::save_body,
    update::save_for_owner,
    update::save_with_its_key,
    write::Deferred,
};
pub use self::{
    body::Upload,
    create::{create, save_new},
    delete::{delete, remove},
    list::{ListQuery, count, list},
    render::{Layouts, render},
    stored::{find, find_all, find_by},
    update::{save, update},
    view::view,
};
pub(super) use self::{expand::load, list::find_page, view::find_one};
use serde_json::{Map, Value as Json};

use super::App;
use crate::{
    Result, limits,
    query::RequestInfo,
    schema::{Collection, FieldKind, Record},
    store::Db,
};

/// Who asks, and in which transaction.
#[derive(Clone)]
pub struct Call {
    /// The app.
    pub app: App,
    /// The store, or the transaction of a batch.
    pub db: Db,
    /// Who asks, and what was sent.
    pub info: Arc<RequestInfo>,
    /// From where, where that is noted: at sign-ins.
    pub client: Option<Arc<Client>>,
    /// Where after hooks and file removals wait for the commit of an outer transaction.
    pub(crate) deferred: Option<Deferred>,
    /// Whether records are for the program itself: nothing of them is hidden, and no enrich hook is asked.
    pub(crate) unshown: bool,
}

/// From where somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Of the connection, or what a trusted proxy says.
    pub address: IpAddr,
    /// What the program calls itself; at most [`USER_AGENT_MAX_CHARS`](limits::USER_AGENT_MAX_CHARS) of it.
    pub user_agent: String,
}

impl Client {
    /// With a user agent of any length.
    pub fn new(address: IpAddr, user_agent: &str) -> Self {
        Self { address, user_agent: user_agent.chars().take(limits::USER_AGENT_MAX_CHARS).collect() }
    }
}

impl Call {
    /// A call outside any transaction.
    pub fn new(app: &App, info: Arc<RequestInfo>) -> Self {
        Self { app: app.clone(), db: app.store().db(), info, client: None, deferred: None, unshown: false }
    }

    /// A call of the program itself, for what asks no rule (`save_new`, `save`, `remove`); where a rule is asked, it is a guest.
    pub fn system(app: &App) -> Self {
        Self::new(app, Arc::default())
    }

    /// The same call, from a client that may be noted.
    pub fn from_client(self, client: Client) -> Self {
        Self { client: Some(Arc::new(client)), ..self }
    }

    /// The same caller with other data.
    fn with_info(&self, info: RequestInfo) -> Self {
        Self { info: Arc::new(info), ..self.clone() }
    }
}

/// Creates a record; returns it as the program sees it.
///
/// # Errors
/// As of [`create`].
pub(crate) async fn create_record(
    call: &Call,
    collection: &Arc<Collection>,
    body: Map<String, Json>,
    uploads: Vec<Upload>,
) -> Result<Record> {
    create::created(call, collection, body, uploads).await.map(|(_, record)| record)
}

/// Changes a record; returns it as the program sees it.
///
/// # Errors
/// As of [`update`].
pub(super) async fn update_record(
    call: &Call,
    collection: &Arc<Collection>,
    id: &str,
    body: Map<String, Json>,
    uploads: Vec<Upload>,
) -> Result<Record> {
    update::updated(call, collection, id, body, uploads).await.map(|(_, record)| record)
}

fn password_positions(collection: &Collection) -> Vec<usize> {
    let passwords = collection.fields.iter().enumerate();
    passwords.filter(|(_, field)| matches!(field.kind, FieldKind::Password(_))).map(|(at, _)| at).collect()
}
