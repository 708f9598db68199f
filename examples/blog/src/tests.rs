//! The blog as its readers and writers meet it.

use bakend::{
    App, DateTime, Id, Kind,
    serde_json::json,
    test::{Person, TestApp},
};

use crate::{
    app, hooks,
    models::{Comment, Post, Status, User},
};

/// A blog of its own, and two people.
struct Blog {
    test: TestApp,
    ana: Person,
    bob: Person,
}

impl Blog {
    async fn open() -> Self {
        let test = TestApp::start(app()).await;
        let [ana, bob] = [test.user("ana@example.com").await, test.user("bob@example.com").await];
        Self { test, ana, bob }
    }

    fn app(&self) -> &App {
        self.test.app()
    }

    async fn post(&self, by: &Person, title: &str, status: Status) -> bakend::Result<Post> {
        self.app().records_of::<Post>().as_user(by).create(Post::new(title, status, id(by))).await
    }
}

fn id(person: &Person) -> Id<User> {
    Id::new(person.record.id())
}

#[tokio::test]
async fn a_post_gets_a_slug_once_and_a_date_when_it_is_published() {
    let blog = Blog::open().await;
    let draft = blog.post(&blog.ana, "Hello, World!", Status::Draft).await.expect("created");
    assert_eq!((draft.slug.as_str(), draft.published), ("hello-world", None));
    let posts = || blog.app().records_of::<Post>().as_user(&blog.ana);
    let change = Post::update().title("Another title").status(Status::Published);
    let published = posts().update(&draft.id, change).await.expect("changed");
    assert_eq!(published.slug, "hello-world");
    let date = published.published.expect("it has a date");
    let again = posts().update(&draft.id, Post::update().title("A third title")).await.expect("changed");
    assert_eq!(again.published, Some(date));
    let twice = blog.post(&blog.ana, "Hello world", Status::Draft).await.expect_err("the slug is taken");
    assert_eq!(twice.field_errors().to_json()["slug"]["code"], "validation_not_unique");
    blog.test.close().await;
}

#[test]
fn a_slug_is_words_and_hyphens() {
    for (title, slug) in [("Hello, World!", "hello-world"), ("  Ä--b  ", "ä-b"), ("1 + 1 = 2", "1-1-2"), ("???", "")]
    {
        assert_eq!(hooks::slug(title), slug);
    }
}

#[tokio::test]
async fn drafts_are_their_authors_business() {
    let blog = Blog::open().await;
    let draft = blog.post(&blog.ana, "Draft", Status::Draft).await.expect("created");
    let public = blog.post(&blog.ana, "Public", Status::Published).await.expect("created");
    let posts = || blog.app().records_of::<Post>();
    assert_eq!(posts().as_guest().count().await.expect("counts"), 1);
    assert_eq!(posts().as_user(&blog.bob).count().await.expect("counts"), 1);
    assert_eq!(posts().as_user(&blog.ana).count().await.expect("counts"), 2);
    let hidden = posts().as_user(&blog.bob).one(&draft.id).await.expect_err("hidden");
    assert_eq!(hidden.kind(), Kind::NotFound);
    let change = posts().as_user(&blog.bob).update(&public.id, Post::update().title("Mine")).await;
    assert_eq!(change.expect_err("only its author may").kind(), Kind::NotFound);
    let forged = posts().as_user(&blog.bob).create(Post::new("Forged", Status::Draft, id(&blog.ana))).await;
    forged.expect_err("nobody writes in another's name");
    blog.test.close().await;
}

#[tokio::test]
async fn comments_are_for_published_posts_and_go_with_them() {
    let blog = Blog::open().await;
    let draft = blog.post(&blog.ana, "Draft", Status::Draft).await.expect("created");
    let public = blog.post(&blog.ana, "Public", Status::Published).await.expect("created");
    let comments = || blog.app().records_of::<Comment>().as_user(&blog.bob);
    comments().create(Comment::new(&draft, id(&blog.bob), "First!")).await.expect_err("nobody sees it yet");
    let comment = comments().create(Comment::new(&public, id(&blog.bob), "First!")).await.expect("created");
    let seen = blog.app().records_of::<Comment>().as_guest().expand(Comment::post).list().await.expect("a page");
    assert_eq!(seen.items[0].post.record().map(|post| post.title.as_str()), Some("Public"));
    assert_eq!(seen.items[0].id, comment.id);
    blog.app().records_of::<Post>().as_user(&blog.ana).delete(&public.id).await.expect("deleted");
    assert_eq!(blog.app().records_of::<Comment>().as_system().count().await.expect("counts"), 0);
    blog.test.close().await;
}

#[tokio::test]
async fn the_archive_counts_published_posts_by_month() {
    let blog = Blog::open().await;
    for (title, status) in [("One", Status::Published), ("Two", Status::Published), ("Three", Status::Draft)] {
        blog.post(&blog.ana, title, status).await.expect("created");
    }
    let month = DateTime::now().to_string()[..7].to_owned();
    let archive = blog.test.get("/blog/archive").await.status(200);
    assert_eq!(archive.json(), json!([{ "month": month, "posts": 2 }]));
    blog.test.close().await;
}
