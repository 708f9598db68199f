//! What the blog keeps: people, posts, comments.

use bakend::{Collection, DateTime, Editor, Email, Id, Relation, Select, SelectValue};

/// Where a post is on its way to its readers.
#[derive(Clone, Copy, Debug, PartialEq, SelectValue)]
pub enum Status {
    /// Only its author sees it.
    Draft,
    /// Everybody sees it.
    Published,
}

/// Somebody who reads, comments and writes. `users` is there from the start; here it gets the fields that a blog needs.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "users",
    auth(),
    rules(
        list = "id = @request.auth.id",
        view = "",
        create = "",
        update = "id = @request.auth.id",
        delete = "id = @request.auth.id"
    )
)]
pub struct User {
    /// The id.
    pub id: Id<User>,
    /// The address; others see it only if its owner lets them.
    pub email: Email,
    /// What stands under posts and comments.
    #[field(max = 80, presentable)]
    pub name: Option<String>,
    /// When the account was made.
    #[field(on_create)]
    pub created: DateTime,
}

/// A post.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "posts",
    rules(
        list = "status = 'published' || author = @request.auth.id",
        view = "status = 'published' || author = @request.auth.id",
        create = "author = @request.auth.id",
        update = "author = @request.auth.id",
        delete = "author = @request.auth.id"
    ),
    index(status, published desc)
)]
pub struct Post {
    /// The id.
    pub id: Id<Post>,
    /// The headline.
    #[field(max = 200, presentable)]
    pub title: String,
    /// Made from the title: how addresses name the post.
    #[field(unique, max = 250, required = false)]
    pub slug: String,
    /// HTML.
    pub body: Option<Editor>,
    /// Draft or published.
    pub status: Select<Status>,
    /// Who wrote it.
    #[field(cascade_delete)]
    pub author: Relation<User>,
    /// When it was first published; set by a hook.
    pub published: Option<DateTime>,
    /// When it was made.
    #[field(on_create)]
    pub created: DateTime,
    /// When it was last changed.
    #[field(on_create, on_update)]
    pub updated: DateTime,
}

/// What somebody says about a post.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "comments",
    rules(
        list = "post.status = 'published'",
        view = "post.status = 'published'",
        create = "author = @request.auth.id && post.status = 'published'",
        delete = "author = @request.auth.id || post.author = @request.auth.id"
    )
)]
pub struct Comment {
    /// The id.
    pub id: Id<Comment>,
    /// About what.
    #[field(cascade_delete)]
    pub post: Relation<Post>,
    /// Who says it.
    #[field(cascade_delete)]
    pub author: Relation<User>,
    /// Plain text.
    #[field(max = 2000)]
    pub text: String,
    /// When it was said.
    #[field(on_create)]
    pub created: DateTime,
}
