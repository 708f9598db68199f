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

#[derive(Collection)]
#[collection(name = "g", renamed_from = "_old")]
pub struct Former {
    pub id: Id<Former>,
}

#[derive(Collection)]
#[collection(name = "h", renamed_from, entity = "h_table")]
pub struct Bare {
    pub id: Id<Bare>,
}

#[derive(Collection)]
#[collection(name = "i", renamed_from = "i", entity = i_table)]
pub struct Same {
    pub id: Id<Same>,
}

#[derive(Collection)]
#[collection(name = "j", entity = j::table)]
pub struct Path {
    pub id: Id<Path>,
}

fn main() {}
