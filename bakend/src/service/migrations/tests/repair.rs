//! When files and database tell different stories: crashes, changed files, changes that nobody wrote down.

use serde_json::json;

use super::{House, told};
use crate::service::{
    App, AppOptions,
    migrations::{
        Ahead, FileState, Language, MigrationOptions, accept, catch_up, create, difference, files, forget,
        reconcile::Losses, snapshot, status,
    },
};

impl House {
    async fn states(&self) -> Vec<FileState> {
        files(&self.app, &self.folder()).await.expect("reads").into_iter().map(|file| file.state).collect()
    }

    /// What `status` says that the database has beyond its migrations, as names of what the steps are about.
    fn ahead(&self) -> Vec<String> {
        let dir = &self.app.options().dir;
        match status(dir, &self.folder(), &[]).expect("reads").ahead {
            Ahead::Of(steps) => {
                steps.iter().map(|step| super::super::name::of_steps(std::slice::from_ref(step))).collect()
            }
            Ahead::Unknown(reason) => vec![format!("unknown: {reason}")],
        }
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.folder().path().join(name)).expect("removes");
    }

    /// The same data folder, with an app that writes nothing.
    async fn unrecorded(&self) -> App {
        App::open(AppOptions::new(&self.app.options().dir)).await.expect("opens")
    }
}

#[tokio::test]
async fn a_crash_before_the_file_was_written_is_mended_by_the_next_start() {
    let house = House::new().await;
    house.save(json!({ "name": "posts", "fields": [{ "name": "title", "type": "text" }] })).await;
    let name = house.folder().names().expect("files").remove(0);
    let text = house.folder().files().expect("files").remove(0).text;
    // As it is when the process ends between the commit and the file.
    house.remove(&name);
    house.run("UPDATE _migration_files SET written = 0").await;
    assert_eq!(house.states().await, [FileState::Unwritten]);
    let options = MigrationOptions { apply: Some(house.folder()), write: Some(house.folder()) };
    let again = App::open(AppOptions { migrations: options, ..AppOptions::new(&house.app.options().dir) })
        .await
        .expect("opens");
    catch_up(&again, &[], &[], Losses::Refused).await.expect("starts");
    assert_eq!(house.folder().files().expect("files")[0].text, text);
    assert_eq!(house.states().await, [FileState::Applied]);
    // As it is when the process ends between the file and the note about it.
    house.run("UPDATE _migration_files SET written = 0").await;
    let written = difference(&house.app, &house.folder(), None, &[]).await.expect("mends");
    assert_eq!(written.len(), 1);
    assert_eq!(house.rows("SELECT written FROM _migration_files").await, ["[Int(1)]"]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_fails_no_change_and_loses_none() {
    let house = House::new().await;
    // A file where the folder should be.
    std::fs::write(house.folder().path(), "").expect("writes");
    let body = super::object(json!({ "name": "posts", "fields": [] }));
    crate::service::collections::create(&house.app, body)
        .await
        .expect_err("the folder cannot be looked at, so nothing is changed");
    assert!(house.app.schema().find("posts").is_none());
    std::fs::remove_file(house.folder().path()).expect("removes");
    house.save(json!({ "name": "posts", "fields": [] })).await;
    assert_eq!(house.states().await, [FileState::Applied]);
}

#[tokio::test]
async fn what_was_changed_without_a_migration_is_seen_and_written_down() {
    let house = House::new().await;
    house.save(json!({ "name": "posts", "fields": [{ "name": "title", "type": "text" }] })).await;
    assert_eq!(house.ahead(), [""; 0]);
    let app = house.unrecorded().await;
    let body = super::object(json!({ "name": "posts", "listRule": "" }));
    crate::service::collections::update(&app, "posts", body).await.expect("updates");
    crate::service::collections::create(&app, super::object(json!({ "name": "cats", "fields": [] })))
        .await
        .expect("creates");
    assert_eq!(house.ahead(), ["create_cats", "update_posts"]);
    let written = difference(&app, &house.folder(), Some("Catch up"), &[]).await.expect("writes");
    assert!(written[0].name.ends_with("_catch_up.json") && written[0].is_applied);
    assert_eq!(house.ahead(), [""; 0]);
    assert_eq!(difference(&app, &house.folder(), None, &[]).await.expect("nothing"), []);
    let other = House::new().await;
    other.pulls(&house);
    other.up().await.expect("applies");
    assert!(other.app.schema().find("cats").is_some());
    assert_eq!(other.seen("posts")["listRule"], "");
}

#[tokio::test]
async fn changed_and_missing_files_are_told_and_can_be_settled() {
    let house = House::new().await;
    house.save(json!({ "name": "posts", "fields": [] })).await;
    house.writes("29990101000000000_data.sql", "-- up\nDELETE FROM posts;\n");
    house.up().await.expect("applies");
    house.save(json!({ "name": "cats", "fields": [] })).await;
    let names = house.folder().names().expect("files");
    assert!(names[2].contains("_create_cats") && names[2] > names[1], "{names:?}");
    let crlf = house.folder().files().expect("files")[0].text.replace('\n', "\r\n");
    house.writes(&names[0], &crlf);
    house.writes(&names[1], "-- up\nDELETE FROM posts;\n-- down\nSELECT 1;\n");
    house.remove(&names[2]);
    assert_eq!(house.states().await, [FileState::Applied, FileState::Changed, FileState::Missing]);

    told(accept(&house.app, &house.folder(), &["nope.json".to_owned()]).await);
    assert_eq!(accept(&house.app, &house.folder(), &names[1..2]).await.expect("accepts"), names[1..2]);
    assert_eq!(forget(&house.app, &house.folder()).await.expect("forgets"), names[2..]);
    assert_eq!(house.states().await, [FileState::Applied, FileState::Applied]);
    assert_eq!(house.ahead(), ["create_cats"]);
    house.down(2).await.expect("the way back was accepted");
}

#[tokio::test]
async fn what_was_made_on_a_branch_that_is_gone_can_be_undone() {
    let house = House::new().await;
    house.save(json!({ "name": "posts", "fields": [] })).await;
    house.remove(&house.folder().names().expect("files")[0]);
    assert_eq!(house.states().await, [FileState::Missing]);
    house.down(1).await.expect("undoes");
    assert!(house.app.schema().find("posts").is_none());
    assert_eq!(house.states().await, []);
}

#[tokio::test]
async fn a_snapshot_starts_anew() {
    let house = House::new().await;
    house.history_of_two().await;
    house.writes("29990101000000000_pending.sql", "");
    let message = told(snapshot(&house.app, &house.folder(), None).await);
    assert!(message.contains("29990101000000000_pending.sql is still to be applied"), "{message}");
    house.remove("29990101000000000_pending.sql");
    let old = house.folder().names().expect("files");
    let made = snapshot(&house.app, &house.folder(), Some("v1")).await.expect("writes");
    assert!(made.name.ends_with("_v1.json"));
    old.iter().for_each(|name| house.remove(name));
    forget(&house.app, &house.folder()).await.expect("forgets");
    assert_eq!((house.states().await, house.ahead()), (vec![FileState::Applied], vec![]));
    let text = &house.folder().files().expect("files")[0].text;
    assert!(!text.contains("_otps") && text.contains("\"users\""), "only what somebody changed: {text}");

    let fresh = House::new().await;
    fresh.pulls(&house);
    fresh.up().await.expect("applies");
    fresh.is_as(&house).await;
    let other = House::new().await;
    other.save(json!({ "name": "mine", "fields": [] })).await;
    other.pulls(&house);
    other.up().await.expect("applies");
    assert!(other.app.schema().find("mine").is_some(), "what a snapshot does not list stays");
    other.down(1).await.expect("undoes");
    assert!(other.app.schema().find("posts").is_none());
}

#[tokio::test]
async fn an_empty_migration_is_there_to_be_filled() {
    let house = House::new().await;
    let sql = create(&house.folder(), "Lower the titles", Language::Sql).expect("writes");
    let json = create(&house.folder(), "by hand", Language::Json).expect("writes");
    assert!(sql.ends_with("_lower_the_titles.sql") && json.ends_with("_by_hand.json") && sql < json);
    told(create(&house.folder(), "???", Language::Sql));
    assert_eq!(house.up().await.expect("applies"), [sql, json]);
    house.down(2).await.expect("undoes");
}

impl House {
    async fn history_of_two(&self) {
        self.save(json!({ "name": "posts", "fields": [{ "name": "title", "type": "text" }] })).await;
        self.save(json!({ "name": "users", "listRule": "" })).await;
        self.save(json!({ "name": "seen", "type": "view", "viewQuery": "select id, title, 1 as one from posts" }))
            .await;
    }
}
