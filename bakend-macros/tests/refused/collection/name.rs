use bakend::{Collection, Id};

#[derive(Collection)]
pub struct BlogPost {
    pub id: Id<BlogPost>,
}

#[derive(Collection)]
#[collection(name = "blog posts")]
pub struct Spaces {
    pub id: Id<Spaces>,
}

#[derive(Collection)]
#[collection(name = "_hidden")]
pub struct System {
    pub id: Id<System>,
}

#[derive(Collection)]
#[collection(name = posts)]
pub struct Unquoted {
    pub id: Id<Unquoted>,
}

#[derive(Collection)]
#[collection = "posts"]
pub struct Assigned {
    pub id: Id<Assigned>,
}

fn main() {}
