//! Collections of a small magazine: every type of field, relations of every kind, a cycle, a collection that points at itself, a view.

use bakend::{Collection, DateTime, Editor, Email, File, GeoPoint, Id, Json, Relation, Select, SelectValue, Url};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, SelectValue)]
pub enum Status {
    Draft,
    #[select(rename = "in-review")]
    InReview,
    Published,
}

#[derive(Clone, Copy, Debug, PartialEq, SelectValue)]
#[select(rename_all = "kebab-case")]
pub enum Channel {
    Web,
    PrintEdition,
    Mail,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    pub words: u32,
    #[serde(default)]
    pub sources: Vec<String>,
}

/// Who writes. Points at articles, which point back: a cycle.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "authors",
    auth(
        rule = "verified = true || emailVisibility = true",
        manage_rule = "@request.auth.role = 'chief'",
        identity_fields = ["email", "handle"],
        auth_token = 3600,
        otp(length = 6),
        verification_mail(subject = "Prove it, {APP_NAME}"),
    ),
    rules(list = "", view = "", create = "")
)]
pub struct Author {
    pub id: Id<Author>,
    #[field(only_domains = ["example.com"])]
    pub email: Email,
    pub verified: bool,
    #[field(unique, min = 2, max = 40, pattern = "^[a-z]+$")]
    pub handle: String,
    #[field(max = 100)]
    pub name: Option<String>,
    pub role: Option<String>,
    pub favorite: Option<Relation<Article>>,
}

#[derive(Clone, Debug, Collection)]
#[collection(name = "tags", rules(list = "", view = ""))]
pub struct Tag {
    pub id: Id<Tag>,
    #[field(unique)]
    pub name: String,
    /// Broader tags.
    pub broader: Vec<Relation<Tag>>,
}

#[derive(Clone, Debug, Collection)]
#[collection(
    name = "articles",
    rename_all = "camelCase",
    rules(
        list = "status = 'published' || author = @request.auth.id",
        view = "author.favorite != '' || articles_via_sequelOf.id != '' || title != ''",
        create = "@request.auth.id != ''",
        update = "author = @request.auth.id",
        delete = ""
    ),
    index(author, created desc),
    unique(slug nocase, where = "slug != ''", name = "idx_articles_by_slug")
)]
pub struct Article {
    pub id: Id<Self>,
    /// The headline.
    #[field(min = 3, max = 200, presentable)]
    pub title: String,
    #[field(autogenerate_pattern = "[a-z]{12}")]
    pub slug: String,
    #[field(max_size = 100_000, convert_urls)]
    pub body: Option<Editor>,
    #[field(max = 5)]
    pub rating: Option<f64>,
    pub view_count: i64,
    pub pages: u8,
    #[field(hidden)]
    pub paid: bool,
    pub status: Select<Status>,
    #[field(max_select = 2)]
    pub channels: Vec<Select<Channel>>,
    #[field(cascade_delete)]
    pub author: Relation<Author>,
    pub tags: Vec<Relation<Tag>>,
    pub sequel_of: Option<Relation<Article>>,
    pub similar: Vec<Relation<Article>>,
    pub source: Option<Url>,
    pub contact: Option<Email>,
    #[field(min = "2000-01-01")]
    pub published_at: Option<DateTime>,
    #[field(required = false)]
    pub meta: Json<Option<Meta>>,
    pub place: GeoPoint,
    #[field(mime_types = ["text/plain"], max_size = 1000)]
    pub cover: Option<File>,
    #[field(thumbs = ["100x100", "0x50f"], protected)]
    pub figures: Vec<File>,
    #[field(on_create)]
    pub created: DateTime,
    #[field(on_create, on_update)]
    pub updated: DateTime,
}

#[derive(Clone, Debug, Collection)]
#[collection(
    name = "article_stats",
    view = "SELECT articles.id, articles.title, articles.author, (SELECT count(*) FROM authors) AS writers, articles.viewCount * 2 AS twice FROM articles",
    rules(list = "")
)]
pub struct Stats {
    pub id: Id<Stats>,
    pub title: String,
    pub author: Relation<Author>,
    pub writers: i64,
    pub twice: f64,
}
