//! The blog as its readers and writers meet it.

use bakend::{
    App, Bakend, Caller, Kind,
    axum::{body::Body, http::Request},
};
use tower::ServiceExt as _;

use crate::{
    app, hooks,
    models::{Comment, Post, Status, User},
};

/// A blog in a folder of its own, and two people.
struct Blog {
    _folder: tempfile::TempDir,
    backend: Bakend,
    ana: Caller,
    bob: Caller,
}

impl Blog {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let backend = app().dir(folder.path()).build().await.expect("it opens");
        let [ana, bob] = [person(backend.app(), "ana").await, person(backend.app(), "bob").await];
        Self { _folder: folder, backend, ana, bob }
    }

    fn app(&self) -> &App {
        self.backend.app()
    }

    async fn post(&self, by: &Caller, title: &str, status: Status) -> bakend::Result<Post> {
        let author = bakend::Id::<User>::new(by.record().expect("somebody").id());
        self.app().records_of::<Post>().as_user(by).create(Post::new(title, status, author)).await
    }
}

async fn person(app: &App, name: &str) -> Caller {
    let draft = User::new(format!("{name}@example.com"), "correct horse").name(name);
    let user = app.records_of::<User>().as_guest().create(draft).await.expect("everybody may join");
    let record = app.records("users").as_system().one(user.id.as_str()).await.expect("it is there");
    Caller::user(record.record.clone())
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
    blog.backend.close().await;
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
    let author = bakend::Id::<User>::new(blog.ana.record().expect("ana").id());
    let forged = posts().as_user(&blog.bob).create(Post::new("Forged", Status::Draft, author)).await;
    forged.expect_err("nobody writes in another's name");
    blog.backend.close().await;
}

#[tokio::test]
async fn comments_are_for_published_posts_and_go_with_them() {
    let blog = Blog::open().await;
    let draft = blog.post(&blog.ana, "Draft", Status::Draft).await.expect("created");
    let public = blog.post(&blog.ana, "Public", Status::Published).await.expect("created");
    let comments = || blog.app().records_of::<Comment>().as_user(&blog.bob);
    let by_bob = || bakend::Id::<User>::new(blog.bob.record().expect("bob").id());
    comments().create(Comment::new(&draft, by_bob(), "First!")).await.expect_err("nobody sees it yet");
    let comment = comments().create(Comment::new(&public, by_bob(), "First!")).await.expect("created");
    let seen = blog.app().records_of::<Comment>().as_guest().expand(Comment::post).list().await.expect("a page");
    assert_eq!(seen.items[0].post.record().map(|post| post.title.as_str()), Some("Public"));
    assert_eq!(seen.items[0].id, comment.id);
    blog.app().records_of::<Post>().as_user(&blog.ana).delete(&public.id).await.expect("deleted");
    assert_eq!(blog.app().records_of::<Comment>().as_system().count().await.expect("counts"), 0);
    blog.backend.close().await;
}

#[tokio::test]
async fn the_archive_counts_published_posts_by_month() {
    let blog = Blog::open().await;
    for (title, status) in [("One", Status::Published), ("Two", Status::Published), ("Three", Status::Draft)] {
        blog.post(&blog.ana, title, status).await.expect("created");
    }
    let month = bakend::DateTime::now().to_string()[..7].to_owned();
    let app = blog.app().clone();
    let request = Request::get("/blog/archive").body(Body::empty()).expect("a request");
    let answer = blog.backend.into_router().oneshot(request).await.expect("it answers");
    assert_eq!(answer.status(), 200);
    let body = bakend::axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    assert_eq!(body, format!(r#"[{{"month":"{month}","posts":2}}]"#));
    app.close().await;
}
