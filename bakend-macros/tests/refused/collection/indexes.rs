use bakend::{Collection, Id, Relation};

#[derive(Collection)]
#[collection(name = "a", unique(title up))]
pub struct Words {
    pub id: Id<Words>,
}

#[derive(Collection)]
#[collection(name = "b", index)]
pub struct Bare {
    pub id: Id<Bare>,
}

#[derive(Collection)]
#[collection(name = "c", index(), index(title, when = "x"), index(title, where = true), unique(title, name = idx_title))]
pub struct Parts {
    pub id: Id<Parts>,
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
