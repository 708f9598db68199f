use bakend::{Collection, Id};

#[derive(Collection)]
#[collection(name = "a", rule(list = ""))]
pub struct Typo {
    pub id: Id<Typo>,
}

#[derive(Collection)]
#[collection(name = "b", rules(lists = "", create = 1))]
pub struct Rules {
    pub id: Id<Rules>,
}

#[derive(Collection)]
#[collection(name = "c", rules = "")]
pub struct Assigned {
    pub id: Id<Assigned>,
}

#[derive(Collection)]
#[collection(name = "d", name = "e")]
pub struct Twice {
    pub id: Id<Twice>,
}

#[derive(Collection)]
#[collection(name = "f", rename_all = "camel_case")]
pub struct Spelling {
    pub id: Id<Spelling>,
}

fn main() {}
