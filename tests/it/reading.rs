//! Hooks around reading: before anything is asked of the database, when something is about to be shown, once it was.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bakend::{
    Bakend, Builder, Collection, Error, Id,
    test::{Person, TestApp},
};
use serde_json::json;

const POSTS: &str = "/api/collections/posts/records";

#[derive(Clone, Debug, Collection)]
#[collection(name = "posts", rules(list = "", view = "", create = ""))]
struct Post {
    id: Id<Post>,
    title: String,
    public: bool,
}

async fn filled(builder: Builder) -> TestApp {
    let app = TestApp::start(builder.collection::<Post>()).await;
    for (id, title, public) in [("post00000000001", "one", true), ("post00000000002", "two", false)] {
        app.record("posts", json!({"id": id, "title": title, "public": public})).await;
    }
    app
}

fn one(id: u8) -> String {
    format!("{POSTS}/post0000000000{id}")
}

#[tokio::test]
async fn each_phase_is_heard_in_its_order() {
    let builder = Bakend::builder()
        .after_enrich::<Post>(async |_| Ok(()))
        .on_enrich::<Post>(async |_| Ok(()))
        .before_enrich::<Post>(async |_| Ok(()))
        .after_list::<Post>(async |_| Ok(()))
        .on_list::<Post>(async |_| Ok(()))
        .before_list::<Post>(async |_| Ok(()))
        .after_view::<Post>(async |_| Ok(()))
        .on_view::<Post>(async |_| Ok(()))
        .before_view::<Post>(async |_| Ok(()));
    let app = filled(builder).await;
    app.hooks_ran([]);
    app.get(&one(1)).await.status(200);
    let enrich = ["before_enrich posts", "on_enrich posts", "after_enrich posts"];
    app.hooks_ran(["before_view posts", "on_view posts"].into_iter().chain(enrich).chain(["after_view posts"]));
    app.get(POSTS).await.status(200);
    app.hooks_ran(
        ["before_list posts", "on_list posts"].into_iter().chain(enrich).chain(enrich).chain(["after_list posts"]),
    );
    // For the program itself nothing is written for a client.
    app.run(app.app().records_of::<Post>().as_system().list()).await.expect("lists");
    app.hooks_ran(["before_list posts", "on_list posts", "after_list posts"]);
    app.run(app.app().records_of::<Post>().as_system().one("post00000000001")).await.expect("is there");
    app.hooks_ran(["before_view posts", "on_view posts", "after_view posts"]);
    app.get("/api/collections/users/auth-methods").await.status(200);
    app.hooks_ran([]);
    app.close().await;
}

#[tokio::test]
async fn who_is_refused_before_reading_learns_nothing_of_what_there_is() {
    let refuses = || Err(Error::forbidden("Members only"));
    let read = Arc::new(AtomicUsize::new(0));
    let (listed, viewed) = (Arc::clone(&read), Arc::clone(&read));
    let builder = Bakend::builder()
        .before_list::<Post>(async move |e| if e.request.auth.is_none() { refuses() } else { Ok(()) })
        .before_view_of("posts", async move |e| if e.request.auth.is_none() { refuses() } else { Ok(()) })
        .on_list::<Post>(async move |_| {
            listed.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .on_view::<Post>(async move |_| {
            viewed.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
    let app = filled(builder).await;
    let ana = app.user("ana@example.com").await;
    for path in [POSTS.to_owned(), format!("{POSTS}?filter=nonsense~~"), one(1), format!("{POSTS}/nothing")] {
        app.get(&path).await.status(403).says("Members only");
    }
    assert_eq!(read.load(Ordering::Relaxed), 0, "nothing was read");
    app.get(POSTS).as_user(&ana).await.status(200).has("/totalItems", 2);
    app.get(&one(1)).as_user(&ana).await.status(200).has("/title", "one");
    app.get(&format!("{POSTS}/nothing")).as_user(&ana).await.status(404);
    assert_eq!(read.load(Ordering::Relaxed), 2);
    app.close().await;
}

#[tokio::test]
async fn what_is_locked_is_refused_before_hooks_hear_of_it() {
    let app = TestApp::start(
        Bakend::builder().before_list_of("notes", async |_| Ok(())).before_view_of("notes", async |_| Ok(())),
    )
    .await;
    app.collection("notes", json!([]), json!({})).await;
    app.get("/api/collections/notes/records").await.status(403).says("Only superusers");
    app.get("/api/collections/notes/records/x").await.status(403).says("Only superusers");
    app.hooks_ran([]);
    app.close().await;
}

/// Shows what is public only, and little of it at a time.
fn narrow() -> Builder {
    Bakend::builder().before_list::<Post>(async |e| {
        e.query.per_page = e.query.per_page.clamp(1, 10);
        e.only(Post::public.eq(true))
    })
}

#[tokio::test]
async fn a_filter_of_the_program_cannot_be_talked_away() {
    let app = filled(narrow()).await;
    app.get(POSTS).await.status(200).has("/totalItems", 1).has("/items/0/title", "one");
    app.get(&format!("{POSTS}?perPage=400")).await.has("/perPage", 10);
    let asked = |filter: &str| {
        let filter: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("{POSTS}?filter={filter}")
    };
    app.get(&asked("title = 'two'")).await.status(200).has("/totalItems", 0);
    app.get(&asked("title = 'one' || title = 'two' // so")).await.status(200).has("/totalItems", 1);
    for hostile in ["id != '') || (id != ''", "id != '' || (id != ''", "//", "id != '' || id != '"] {
        app.get(&asked(hostile)).await.status(400);
    }
    // The program itself is told the same, also when it only counts.
    let count = app.app().records_of::<Post>().as_system().count();
    assert_eq!(app.run(count).await.expect("counts"), 1);
    app.close().await;
}

#[tokio::test]
async fn a_hook_may_ask_for_another_record_and_its_relations() {
    let app = filled(Bakend::builder().before_view::<Post>(async |e| {
        if e.id().as_str() == "latest" {
            e.id = "post00000000002".to_owned();
        }
        Ok(())
    }))
    .await;
    app.get(&format!("{POSTS}/latest")).await.status(200).has("/title", "two");
    let latest = app.run(app.app().records_of::<Post>().as_guest().one("latest")).await.expect("is there");
    assert_eq!(latest.title, "two");
    app.close().await;
}

#[tokio::test]
async fn what_fails_after_reading_is_logged_and_changes_nothing() {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&shown);
    let builder = Bakend::builder()
        .on_list::<Post>(async |e| e.keep(|post| post.public))
        .after_list::<Post>(async move |e| {
            let titles: Vec<String> = e.records()?.into_iter().map(|post| post.title).collect();
            heard.lock().expect("no hook panics here").extend(titles);
            e.records.clear();
            Err(Error::forbidden("too late"))
        })
        .after_view::<Post>(async |_| panic!("a hook of this test panics on purpose"))
        .after_enrich::<Post>(async |e| {
            e.hide.push("title".to_owned());
            Err(Error::forbidden("too late"))
        });
    let app = filled(builder).await;
    app.get(POSTS).await.status(200).has("/items/0/title", "one").lacks("/items/1");
    app.get(&one(2)).await.status(200).has("/title", "two");
    assert_eq!(*shown.lock().expect("no hook panics here"), ["one"]);
    app.close().await;
}

#[tokio::test]
async fn a_hook_that_stops_without_a_word_refuses() {
    let builder = Bakend::builder()
        .before_list::<Post>(async |e| {
            e.stop();
            Ok(())
        })
        .before_view::<Post>(async |e| {
            e.stop();
            Ok(())
        });
    let app = filled(builder).await;
    let ana: Person = app.user("ana@example.com").await;
    for path in [POSTS.to_owned(), one(1)] {
        app.get(&path).as_user(&ana).await.status(400);
    }
    app.close().await;
}
