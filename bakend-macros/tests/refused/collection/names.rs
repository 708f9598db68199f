use bakend::{Collection, DateTime, Email, Id, Relation, Url};

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    pub title: String,
    #[field(name = "Title")]
    pub headline: String,
    pub new: String,
    pub update: String,
}

#[derive(Collection)]
#[collection(name = "pages")]
pub struct Page {
    pub id: Id<Page>,
    pub expand: String,
    #[field(name = "a b")]
    pub spaced: String,
    pub a_via_b: String,
}

#[derive(Collection)]
#[collection(name = "counters")]
pub struct Counter {
    pub id: Id<Counter>,
    pub views: i64,
    pub add_views: i64,
    pub tags: Vec<Relation<Counter>>,
    pub clear_tags: bool,
    pub append_tags: bool,
    pub prepend_tags: bool,
    pub remove_tags: bool,
    pub maybe: Option<Url>,
    pub clear_maybe: String,
    pub self_: Option<Relation<Counter>>,
    pub line_1: String,
    pub line1: String,
    // Nobody sets it, so there is no function for it.
    #[field(on_create)]
    pub clear_line: DateTime,
    pub line: Option<String>,
}

#[derive(Collection)]
#[collection(name = "members", auth)]
pub struct Member {
    pub id: Id<Member>,
    pub old_password: Option<String>,
    #[field(name = "mail")]
    pub email: Email,
    #[field(name = "Verified")]
    pub checked: bool,
    #[field(name = "key")]
    pub token_key: Option<String>,
}

fn main() {}
