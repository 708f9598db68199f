//! Migrators of a program's own tables: run at the start, listed, undone.

use std::path::Path;

use bakend::{
    App, Bakend, Result,
    sea_orm::{ConnectionTrait as _, DbErr, Statement},
    sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait},
    service::migrations::OrmMigrations,
};

/// A step that is SQL, up and down.
struct Step(&'static str, &'static [&'static str], &'static [&'static str]);

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.0
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> std::result::Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        run(manager, self.1).await
    }

    async fn down(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        run(manager, self.2).await
    }
}

fn stock() -> Box<dyn MigrationTrait> {
    let up = &["CREATE TABLE stock (item TEXT NOT NULL)", "INSERT INTO stock (item) VALUES ('pen')"];
    Box::new(Step("m1_stock", up, &["DROP TABLE stock"]))
}

struct Shop;

impl MigratorTrait for Shop {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            stock(),
            Box::new(Step("m2_ink", &["INSERT INTO stock VALUES ('ink')"], &["DELETE FROM stock WHERE item = 'ink'"])),
        ]
    }
}

struct Broken;

impl MigratorTrait for Broken {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let halfway =
            &["CREATE TABLE half (done TEXT)", "INSERT INTO stock VALUES ('half')", "INSERT INTO nowhere VALUES (1)"];
        vec![stock(), Box::new(Step("m2_halfway", halfway, &[]))]
    }
}

async fn opened<M: MigratorTrait + 'static>(folder: &Path) -> Result<Bakend> {
    Bakend::builder().dir(folder).migrations::<M>().build().await
}

/// The first column of the rows of a query, with commas between.
async fn read(app: &App, sql: &str) -> String {
    let db = app.db();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect(sql);
    rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a text")).collect::<Vec<_>>().join(",")
}

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE name IN ('stock', 'half') ORDER BY name";
const ITEMS: &str = "SELECT item FROM stock ORDER BY item";

/// Which steps the folder notes as done.
fn done<M: MigratorTrait + 'static>(folder: &Path) -> Vec<(String, bool)> {
    let steps = OrmMigrations::of::<M>().steps(folder).expect("reads");
    steps.into_iter().map(|step| (step.name, step.applied.is_some())).collect()
}

#[tokio::test]
async fn steps_run_at_the_first_start_and_are_listed_and_undone() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = |done: [bool; 2]| vec![("m1_stock".to_owned(), done[0]), ("m2_ink".to_owned(), done[1])];
    assert_eq!(done::<Shop>(folder.path()), all([false, false]), "before there is a database");
    for start in 1..=2 {
        let backend = opened::<Shop>(folder.path()).await.expect("opens");
        assert_eq!(read(backend.app(), ITEMS).await, "ink,pen", "start {start}");
        backend.close().await;
    }
    assert_eq!(done::<Shop>(folder.path()), all([true, true]));
    let backend = Bakend::builder().dir(folder.path()).build().await.expect("opens");
    let steps = OrmMigrations::of::<Shop>();
    steps.undo(backend.app().store()).await.expect("undone");
    assert_eq!(read(backend.app(), ITEMS).await, "pen");
    assert_eq!(done::<Shop>(folder.path()), all([true, false]));
    steps.undo(backend.app().store()).await.expect("undone");
    assert_eq!(read(backend.app(), TABLES).await, "");
    assert_eq!(done::<Shop>(folder.path()), all([false, false]));
    steps.run(backend.app().store()).await.expect("done again");
    assert_eq!(read(backend.app(), ITEMS).await, "ink,pen");
    backend.close().await;
}

#[tokio::test]
async fn a_step_that_fails_stops_the_start_and_leaves_nothing_of_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let error = opened::<Broken>(folder.path()).await.err().expect("it stops");
        assert!(error.to_string().contains("seaql_migrations"), "{error}");
        assert!(format!("{error:?}").contains("nowhere"), "{error:?}");
        assert_eq!(done::<Broken>(folder.path()), [("m1_stock".to_owned(), true), ("m2_halfway".to_owned(), false)]);
    }
    let backend = Bakend::builder().dir(folder.path()).build().await.expect("the folder is free");
    assert_eq!(read(backend.app(), TABLES).await, "stock");
    assert_eq!(read(backend.app(), ITEMS).await, "pen");
    backend.close().await;
}
