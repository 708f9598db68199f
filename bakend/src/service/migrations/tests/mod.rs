//! Migrations over real databases.

mod code;
mod files;
mod repair;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Folder, MigrationOptions, diff::diff, up};
use crate::{
    Error,
    service::{App, AppOptions, collections},
    store::inspect::describe_select,
};

/// An environment: a data folder with an open app, and a folder of migrations.
struct House {
    dir: tempfile::TempDir,
    app: App,
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

impl House {
    /// One that writes what is changed, as in development.
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let app = Self::open(&dir).await;
        Self { dir, app }
    }

    async fn open(dir: &tempfile::TempDir) -> App {
        let write = Some(Folder::new(dir.path().join("migrations")));
        let migrations = MigrationOptions { apply: None, write };
        App::open(AppOptions { migrations, ..AppOptions::new(dir.path().join("data")) }).await.expect("opens")
    }

    fn folder(&self) -> Folder {
        Folder::new(self.dir.path().join("migrations"))
    }

    /// The migrations that another environment has, as a pull brings them.
    fn pulls(&self, other: &Self) {
        std::fs::create_dir_all(self.folder().path()).expect("a folder");
        for file in other.folder().files().expect("files") {
            std::fs::write(self.folder().path().join(&file.name), &file.text).expect("writes");
        }
    }

    fn writes(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.folder().path()).expect("a folder");
        std::fs::write(self.folder().path().join(name), text).expect("writes");
    }

    /// Applies what is to come; returns the names.
    async fn up(&self) -> crate::Result<Vec<String>> {
        let mut names = Vec::new();
        up(&self.app, &self.folder(), usize::MAX, |name| names.push(name.to_owned())).await?;
        Ok(names)
    }

    async fn down(&self, most: usize) -> crate::Result<Vec<String>> {
        let mut names = Vec::new();
        super::down(&self.app, most, |name| names.push(name.to_owned())).await?;
        Ok(names)
    }

    /// Changes a collection, or makes it when there is none of this name, as the admin panel does.
    async fn save(&self, json: Json) -> Json {
        let body = object(json);
        let name = body["name"].as_str().expect("a name").to_owned();
        self.save_as(&name, body.into()).await
    }

    async fn save_as(&self, name: &str, json: Json) -> Json {
        let body = object(json);
        let saved = match self.app.schema().find(name) {
            Some(_) => collections::update(&self.app, name, body).await,
            None => collections::create(&self.app, body).await,
        };
        serde_json::from_slice(&saved.unwrap_or_else(|error| panic!("{error:?}"))).expect("json")
    }

    /// A collection as answers show it.
    fn seen(&self, name: &str) -> Json {
        self.app.schema().find(name).unwrap_or_else(|| panic!("no {name}")).to_json()
    }

    async fn run(&self, sql: &'static str) {
        self.app.store().db().write(move |conn| conn.run_script(sql)).await.expect(sql);
    }

    async fn rows(&self, sql: &'static str) -> Vec<String> {
        let work = move |conn: &crate::store::Conn| Ok(describe_select(conn, sql, 100)?.rows);
        let rows = self.app.store().db().read(&Default::default(), work).await.expect(sql);
        rows.iter().map(|row| format!("{row:?}")).collect()
    }

    /// Everything that the database says about itself.
    async fn tables(&self) -> Vec<String> {
        self.rows("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").await
    }

    /// The columns and indexes of all tables, however they came about.
    async fn columns(&self) -> BTreeMap<String, Vec<String>> {
        let sql = "SELECT t.name || ' ' || t.type, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_schema t, pragma_table_info(t.name) c \
                   WHERE t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\\_migration%' ESCAPE '\\' ORDER BY t.name, c.name";
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.rows(sql).await {
            let (table, column) = row.split_once(", ").expect("columns");
            tables.entry(table.to_owned()).or_default().push(column.to_owned());
        }
        tables
    }

    async fn is_as(&self, other: &Self) {
        let steps = diff(&self.app.schema(), &other.app.schema());
        assert!(steps.is_empty(), "{}", json!(steps));
        assert_eq!(self.columns().await, other.columns().await);
    }
}

/// The message of an error that changed nothing.
fn told(outcome: crate::Result<impl std::fmt::Debug>) -> String {
    let error: Error = outcome.expect_err("refused");
    error.message().to_owned()
}
