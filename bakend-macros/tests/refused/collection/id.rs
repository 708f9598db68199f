use bakend::{Collection, Id};

#[derive(Collection)]
#[collection(name = "a")]
pub struct Missing {
    pub title: String,
}

#[derive(Collection)]
#[collection(name = "b")]
pub struct Twice {
    pub id: Id<Twice>,
    pub other: Id<Twice>,
}

#[derive(Collection)]
#[collection(name = "c")]
pub struct Other {
    pub id: Id<Twice>,
}

#[derive(Collection)]
#[collection(name = "d")]
pub struct Named {
    pub key: Id<Named>,
}

#[derive(Collection)]
#[collection(name = "e")]
pub struct Absent {
    pub id: Option<Id<Absent>>,
}

#[derive(Collection)]
#[collection(name = "f")]
pub struct Renamed {
    #[field(required, hidden)]
    pub id: Id<Renamed>,
}

fn main() {}
