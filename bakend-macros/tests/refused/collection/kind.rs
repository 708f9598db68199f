use bakend::{Collection, DateTime, File, Id, Relation};

#[derive(Collection)]
#[collection(name = "a", auth, view = "SELECT 1 AS id")]
pub struct Both {
    pub id: Id<Both>,
}

#[derive(Collection)]
#[collection(name = "b", view = "DELETE FROM posts")]
pub struct Deletes {
    pub id: Id<Deletes>,
}

#[derive(Collection)]
#[collection(name = "c", view = "SELECT id, title FROM posts", rules(list = "", create = ""), index(title))]
pub struct Written {
    pub id: Id<Written>,
    #[field(required, autogenerate_pattern = "[a-z]")]
    pub title: String,
    #[field(max_select = 3, cascade_delete, name = "authors")]
    pub by: Vec<Relation<Written>>,
    #[field(on_create, hidden)]
    pub at: DateTime,
    #[field(thumbs = ["10x10"])]
    pub file: Option<File>,
}

#[derive(Collection)]
#[collection(name = "d")]
pub enum Variants {
    One,
}

#[derive(Collection)]
#[collection(name = "e")]
pub struct Tuple(Id<Tuple>);

#[derive(Collection)]
#[collection(name = "f")]
pub struct Generic<T> {
    pub id: Id<Generic<T>>,
}

fn main() {}
