use bakend::{Collection, Id};

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
    #[field(required)]
    pub title: String,
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
