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
mod update;
mod validate;
mod view;
mod write;

use std::sync::Arc;

pub use self::{
    body::Upload,
    create::{create, save_new},
    delete::{delete, remove},
    list::{ListQuery, list},
    render::{Layouts, render},
    stored::{find, find_all, find_by},
    update::{save, update},
    view::view,
};
pub(crate) use self::{
    body::{Draft, NewFile},
    write::Deferred,
};
use super::App;
use crate::{
    query::RequestInfo,
    schema::{Collection, FieldKind},
    store::Db,
};

/// Who asks, and in which transaction.
#[derive(Clone)]
pub struct Call {
    /// The app.
    pub app: App,
    /// `app.db()`, or the transaction of a batch.
    pub db: Db,
    /// Who asks, and what was sent.
    pub info: Arc<RequestInfo>,
    /// Where after hooks and file removals wait for the commit of an outer transaction.
    pub(crate) deferred: Option<Deferred>,
}

impl Call {
    /// A call outside any transaction.
    pub fn new(app: &App, info: Arc<RequestInfo>) -> Self {
        Self { app: app.clone(), db: app.db(), info, deferred: None }
    }

    /// A call of the program itself, for what asks no rule (`save_new`, `save`, `remove`); where a rule is asked, it is a guest.
    pub fn system(app: &App) -> Self {
        Self::new(app, Arc::default())
    }

    /// The same caller with other data.
    fn with_info(&self, info: RequestInfo) -> Self {
        Self { info: Arc::new(info), ..self.clone() }
    }
}

fn password_positions(collection: &Collection) -> Vec<usize> {
    let passwords = collection.fields.iter().enumerate();
    passwords.filter(|(_, field)| matches!(field.kind, FieldKind::Password(_))).map(|(at, _)| at).collect()
}
