//! Typed collections: definitions, records, filters and SeaORM queries against a real database.

mod auth_hooks;
mod definitions;
mod entities;
mod filters;
mod functions;
mod joined;
mod models;
mod records;
mod values;

use std::sync::Arc;

use bakend::{
    App, AppOptions, Collection, Id,
    query::RequestInfo,
    schema,
    serde_json::{Map, Value as Data, json},
    service::{collections, records as service},
    typed::{self, Definition, Input, Loaded},
};
use models::{Article, Author, Stats, Tag};

/// An app with the collections of the magazine.
struct Magazine {
    app: App,
    _folder: tempfile::TempDir,
}

fn definitions() -> Vec<Definition> {
    vec![Author::definition(), Article::definition(), Tag::definition(), Stats::definition()]
}

impl Magazine {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(AppOptions::new(folder.path())).await.expect("it opens");
        let magazine = Self { app, _folder: folder };
        magazine.bring_about().await;
        magazine
    }

    /// Makes the collections what the code says.
    async fn bring_about(&self) {
        let made = typed::collections(&definitions(), &self.app.schema()).expect("they fit together");
        let list: Vec<Data> = made.iter().map(|one| Data::Object(one.to_stored_json())).collect();
        let body = json!({ "collections": list, "deleteMissing": false });
        collections::import(&self.app, body.as_object().expect("an object")).await.expect("they are accepted");
    }

    fn collection<C: Collection>(&self) -> Arc<schema::Collection> {
        self.app.schema().find(C::NAME).expect("it was made").clone()
    }

    fn call(&self) -> service::Call {
        let info = RequestInfo { trusted: true, ..RequestInfo::default() };
        service::Call::new(&self.app, Arc::new(info))
    }

    async fn try_create<C: Collection>(&self, input: C::Create) -> bakend::Result<C> {
        let (body, uploads) = input.into_body().into_parts(&self.app)?;
        let answer = service::create(&self.call(), &self.collection::<C>(), body, uploads, "").await?;
        self.get(&id_of(&answer)).await
    }

    async fn create<C: Collection>(&self, input: C::Create) -> C {
        self.try_create(input).await.expect("it is accepted")
    }

    async fn update<C: Collection>(&self, id: &Id<C>, change: C::Update) -> C {
        let (body, uploads) = change.into_body().into_parts(&self.app).expect("files can be read");
        let collection = self.collection::<C>();
        service::update(&self.call(), &collection, id.as_str(), body, uploads, "").await.expect("it is accepted");
        self.get(id.as_str()).await.expect("it is there")
    }

    async fn record<C: Collection>(&self, id: &str) -> schema::Record {
        let (app, collection) = (&self.app, self.collection::<C>());
        let call = service::Call::system(app);
        let found = service::find(&call.db, app.planner(), &app.schema(), &collection, id).await;
        found.expect("the database answers").expect("it is there")
    }

    async fn get<C: Collection>(&self, id: &str) -> bakend::Result<C> {
        C::from_record(&self.record::<C>(id).await)
    }

    /// The ids that a filter and a sort give, in order.
    async fn ids<C: Collection>(&self, filter: &str, sort: &str) -> Vec<String> {
        let query = service::ListQuery { filter: filter.into(), sort: sort.into(), ..Default::default() };
        let page = service::list(&self.call(), &self.collection::<C>(), &query, "").await;
        let page: Data =
            serde_json::from_slice(&page.unwrap_or_else(|error| panic!("{filter}: {error:?}"))).expect("JSON");
        let items = page["items"].as_array().expect("a list");
        items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    }
}

fn id_of(answer: &[u8]) -> String {
    let shown: Map<String, Data> = serde_json::from_slice(answer).expect("an object");
    shown["id"].as_str().expect("an id").to_owned()
}

/// A record with nothing expanded.
fn loaded(record: schema::Record) -> Arc<Loaded> {
    Arc::new(Loaded { record, expand: Default::default() })
}
