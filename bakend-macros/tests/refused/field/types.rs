use std::collections::HashMap;

use bakend::{Collection, Id, Relation};

pub struct Status;

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    pub big: u64,
    pub map: HashMap<String, String>,
    pub status: Status,
    pub words: Vec<String>,
    pub maybe: Option<bool>,
    pub list: Option<Vec<Relation<Post>>>,
    pub text: &'static str,
    pub pair: (String, String),
    pub nothing: Option,
    pub typo: Strng,
    pub bytes: Box<str>,
    pub when: bakend::jiff::Timestamp,
    pub deep: Option<Option<String>>,
}

fn main() {}
