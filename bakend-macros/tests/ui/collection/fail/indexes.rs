use bakend::{Collection, Id, Relation};

#[derive(Collection)]
#[collection(name = "posts", index(titel), unique(title up), index, index(), index(related), index(title, when = "x"))]
pub struct Post {
    pub id: Id<Post>,
    pub title: String,
    #[field(unique)]
    pub related: Vec<Relation<Post>>,
    #[field(unique, index)]
    pub slug: String,
}

#[derive(Collection)]
#[collection(name = "pages", index(titel), index(related))]
pub struct Page {
    pub id: Id<Page>,
    pub title: String,
    #[field(unique)]
    pub related: Vec<Relation<Page>>,
    #[field(unique, index)]
    pub slug: String,
}

fn main() {}
