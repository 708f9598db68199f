use bakend::{Collection, Id};

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

fn main() {}
