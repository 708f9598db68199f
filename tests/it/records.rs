//! Records in the hands of a program: typed and by name, for somebody or for itself, in transactions and in hooks.

use bakend::{
    Bakend, Collection, DateTime, Error, Id, Kind, Relation, Result, Tx, sea_orm::ConnectionTrait as _,
    serde_json::Value as Json,
};
use serde_json::json;

use super::{
    client::{Server, post, status},
    world::Guest,
};

#[derive(Clone, Debug, Collection)]
#[collection(name = "authors", rules(list = "", view = ""))]
pub struct Author {
    id: Id<Author>,
    name: String,
}

#[derive(Clone, Debug, Collection)]
#[collection(
    name = "posts",
    rules(list = "public = true", view = "public = true", create = "@request.auth.id != ''", update = "public = true")
)]
pub struct Post {
    id: Id<Post>,
    #[field(max = 20)]
    title: String,
    slug: Option<String>,
    public: bool,
    views: i64,
    #[field(hidden)]
    note: Option<String>,
    author: Option<Relation<Author>>,
    #[field(on_create)]
    created: DateTime,
}

fn blog() -> bakend::Builder {
    Bakend::builder().collection::<Author>().collection::<Post>()
}

async fn world() -> Server {
    let world = Server::start_built(blog()).await;
    let app = &world.app;
    let ana = app.records_of::<Author>().as_system().create(Author::new("Ana")).await.expect("an author");
    for (title, public, views) in [("one", true, 1), ("two", false, 2), ("three", true, 3)] {
        let draft = Post::new(title).public(public).views(views).note("psst").author(&ana);
        app.records_of::<Post>().as_system().create(draft).await.expect("a post");
    }
    world
}

#[tokio::test]
async fn typed_records_are_listed_filtered_sorted_and_expanded() {
    let world = world().await;
    let posts = || world.app.records_of::<Post>();
    let page = posts().as_system().sort(Post::views.desc()).per_page(2).with_total().list().await.expect("a page");
    let titles: Vec<&str> = page.items.iter().map(|post| post.title.as_str()).collect();
    assert_eq!((titles, page.total, page.per_page, page.page), (vec!["three", "two"], Some(3), 2, 1));
    let public = posts().as_guest().sort(Post::views.asc()).list().await.expect("a page");
    assert_eq!(public.items.iter().map(|post| post.views).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(public.total, None);
    let found = posts().as_system().filter(Post::title.eq("two")).expand(Post::author).first().await.expect("asks");
    let found = found.expect("it is there");
    assert_eq!(
        found.author.as_ref().and_then(|author| author.record()).map(|author| author.name.as_str()),
        Some("Ana")
    );
    assert_eq!(found.note.as_deref(), Some("psst"));
    assert_eq!(posts().as_guest().count().await.expect("counts"), 2);
    assert_eq!(posts().as_system().filter(Post::views.ge(2)).count().await.expect("counts"), 2);
    let hidden = posts().as_guest().one(&found.id).await.expect_err("the rule hides it");
    assert_eq!(hidden.kind(), Kind::NotFound);
    world.close().await;
}

#[tokio::test]
async fn records_by_name_are_written_and_read_with_bound_values() {
    let world = world().await;
    let posts = || world.app.records("posts");
    let hostile = "x' || public = true || title = '";
    let none = posts().as_system().filter("title = {:title}").bind("title", hostile).first().await.expect("asks");
    assert!(none.is_none(), "the value is one value");
    let made = posts().as_system().create(json!({"title": "four", "views": 4})).await.expect("made");
    let changed = posts().as_system().update(made.id(), json!({"views+": 2})).await.expect("changed");
    assert_eq!(changed.get("views"), Some(&bakend::schema::Value::Number(6.0)));
    posts().as_system().delete(made.id()).await.expect("deleted");
    assert_eq!(posts().as_system().one(made.id()).await.expect_err("gone").kind(), Kind::NotFound);
    let refused = posts().as_system().create(json!({"title": "x".repeat(21)})).await.expect_err("too long");
    assert_eq!(refused.field_errors().to_json()["title"]["code"], "validation_max_text_constraint");
    assert_eq!(posts().as_system().create(json!([])).await.expect_err("no object").kind(), Kind::Invalid);
    let missing = world.app.records("nowhere").as_system().list().await.expect_err("no such collection");
    assert_eq!(missing.kind(), Kind::NotFound);
    let wire =
        posts().as_guest().filter("title = 'one'").list_wire().await.expect("answers").read::<Json>().expect("JSON");
    assert_eq!((wire["items"][0]["title"].as_str(), wire["items"][0].get("note")), (Some("one"), None));
    world.close().await;
}

#[tokio::test]
async fn the_caller_decides_what_may_be_written() {
    let world = world().await;
    let ana = world.person("ana").await;
    let users = world.app.records("users").as_system();
    let record = users.one(ana.id.as_str()).await.expect("ana");
    let draft = || Post::new("mine").public(true);
    let guest = world.app.records_of::<Post>().as_guest().create(draft()).await.expect_err("guests may not");
    assert_eq!(guest.kind(), Kind::Invalid);
    let mine = world.app.records_of::<Post>().as_user(&record.record).create(draft()).await.expect("ana may");
    let deleted = world.app.records_of::<Post>().as_user(&record.record).delete(&mine.id).await;
    assert_eq!(deleted.expect_err("the rule is locked").kind(), Kind::Forbidden);
    world.close().await;
}

async fn titles(tx: &Tx) -> Result<Vec<Json>> {
    tx.query("SELECT title FROM posts WHERE views > ? ORDER BY title", [10]).await
}

#[tokio::test]
async fn a_transaction_keeps_everything_or_nothing() {
    let world = world().await;
    let work = async |fails: bool| {
        world
            .app
            .transaction(async |tx| {
                let made = tx.records_of::<Post>().as_system().create(Post::new("tx").public(true).views(11)).await?;
                let changed = tx.execute("UPDATE authors SET name = ? WHERE name = ?", ["Bea", "Ana"]).await?;
                assert_eq!(changed, 1);
                assert_eq!(titles(&tx).await?, [json!({"title": "tx"})]);
                let lost = tx.records("posts").as_system().create(json!({"title": "x".repeat(99)})).await;
                assert_eq!(
                    lost.err().map(|error| error.kind()),
                    Some(Kind::Invalid),
                    "what is refused does not end it"
                );
                if fails { Err(Error::forbidden("No")) } else { Ok(made.id) }
            })
            .await
    };
    assert_eq!(work(true).await.expect_err("undone").kind(), Kind::Forbidden);
    assert_eq!(world.app.records("posts").as_system().count().await.expect("counts"), 3);
    let row = world.app.db().query_one_raw(statement(&world, "SELECT name FROM authors")).await.expect("asks");
    assert_eq!(row.and_then(|row| row.try_get::<String>("", "name").ok()).as_deref(), Some("Ana"));
    work(false).await.expect("done");
    assert_eq!(world.app.records("posts").as_system().count().await.expect("counts"), 4);
    assert_eq!(world.app.records("authors").as_system().filter("name = 'Bea'").count().await.expect("counts"), 1);
    world.close().await;
}

fn statement(world: &Server, sql: &str) -> bakend::sea_orm::Statement {
    bakend::sea_orm::Statement::from_string(world.app.db().get_database_backend(), sql)
}

#[tokio::test]
async fn a_transaction_that_takes_too_long_or_writes_beside_itself_is_ended() {
    let world = world().await;
    let app = &world.app;
    let short = std::time::Duration::from_millis(50);
    let late = app
        .transaction_within(short, async |tx| {
            tx.records("posts").as_system().create(json!({"title": "late"})).await?;
            std::future::pending::<Result<()>>().await
        })
        .await
        .expect_err("too long");
    assert!(late.message().contains("0.05 seconds"), "{late}");
    let beside = app
        .transaction(async |_| app.records("posts").as_system().create(json!({"title": "beside"})).await)
        .await
        .expect_err("it would wait for itself");
    assert!(beside.message().contains("wait for itself"), "{beside}");
    let kept = app.transaction(async |tx| Ok(tx)).await.expect("nothing to do");
    kept.records("posts").as_system().create(json!({"title": "after"})).await.expect_err("it is over");
    assert_eq!(app.records("posts").as_system().count().await.expect("counts"), 3);
    world.close().await;
}

fn slugify(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

/// Every phase does something typed; the `within` hook writes a second record.
fn busy_blog() -> bakend::Builder {
    blog()
        .before_create::<Post>(async |e| {
            let post = e.record()?;
            if post.title == "taken" {
                return Err(Error::invalid("That one is taken"));
            }
            e.set(Post::slug, slugify(&post.title));
            Ok(())
        })
        .within_create::<Post>(async |e| {
            e.next().await?;
            let post = e.record()?;
            e.records_of::<Author>().as_system().create(Author::new(&post.title)).await?;
            e.tx()?.execute("UPDATE authors SET name = name || '!' WHERE name = ?", [&post.title]).await?;
            if post.title == "bad" { Err(Error::forbidden("Not this one")) } else { Ok(()) }
        })
        .after_create::<Author>(async |e| {
            let name = e.record()?.name;
            e.app.records("authors").as_system().create(json!({"name": format!("after {name}")})).await?;
            Err(Error::invalid("nobody hears this"))
        })
        .on_list::<Post>(async |e| e.keep(|post| post.views < 100))
        .on_enrich::<Post>(async |e| {
            let length = e.record()?.title.len();
            e.add("length", length);
            e.leave_out(Post::created);
            Ok(())
        })
}

#[tokio::test]
async fn typed_hooks_see_and_change_records_in_every_phase() {
    // The hook of `after` makes authors itself: those must not make more.
    let once = bakend::Hook::before_create_of("authors", async |e| {
        if e.record.text("name").starts_with("after after") { Err(Error::invalid("enough")) } else { Ok(()) }
    });
    let world = Server::start_built(busy_blog().hook(once)).await;
    let ana = world.person("ana").await;
    let create = |title: &str, views: i64| {
        post("/api/collections/posts/records", json!({"title": title, "public": true, "views": views}))
    };
    world
        .check([
            (
                ana.asks(),
                create("Hello World", 1),
                status(200).has("/slug", "hello-world").has("/length", 11).lacks("/created"),
            ),
            (ana.asks(), create("taken", 1), status(400).has("/message", "That one is taken.")),
            (ana.asks(), create("bad", 1), status(403).has("/message", "Not this one.")),
            (ana.asks(), create("loud", 100), status(200)),
            (
                Guest,
                super::client::get("/api/collections/posts/records"),
                status(200).has("/items/0/title", "Hello World").lacks("/items/1"),
            ),
        ])
        .await;
    let authors = world.app.records_of::<Author>().as_system().sort(Author::name.asc()).list().await.expect("lists");
    let names: Vec<String> = authors.items.into_iter().map(|author| author.name).collect();
    assert_eq!(names, ["Hello World!", "after Hello World", "after loud", "loud!"]);
    world.close().await;
}

#[tokio::test]
async fn writes_that_are_awaited_together_in_a_transaction_keep_apart() {
    let builder = blog().within_create::<Post>(async |e| {
        e.next().await?;
        let bad = e.record()?.title == "bad";
        // Lets the other one begin, and end if it can.
        for _ in 0..if bad { 50 } else { 200 } {
            tokio::task::yield_now().await;
        }
        if bad { Err(Error::invalid("Bad")) } else { Ok(()) }
    });
    let world = Server::start_built(builder).await;
    let outcome = world.app.transaction(async |tx| {
        let posts = || tx.records_of::<Post>().as_system();
        let outcome = tokio::join!(
            posts().create(Post::new("bad")),
            posts().create(Post::new("good")),
            tx.records_of::<Author>().as_system().create(Author::new("Ana")),
        );
        Ok((outcome.0.is_ok(), outcome.1.is_ok(), outcome.2.is_ok()))
    });
    assert_eq!(outcome.await.expect("commits"), (false, true, true));
    let stored = world.app.records_of::<Post>().as_system().list().await.expect("a page").items;
    assert_eq!(stored.iter().map(|post| post.title.as_str()).collect::<Vec<_>>(), ["good"]);
    assert_eq!(world.app.records_of::<Author>().as_system().count().await.expect("counts"), 1);
    world.close().await;
}
