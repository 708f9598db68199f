use bakend::{Collection, DateTime, Email, File, Id, Relation};

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    #[field(max_size = 10)]
    pub title: String,
    #[field(presentabel)]
    pub typo: String,
    #[field(min = 3, min = 4)]
    pub twice: String,
    #[field(min = "three")]
    pub text: String,
    #[field(min = -1)]
    pub negative: String,
    #[field(min = 5, max = 3)]
    pub bounds: String,
    #[field(min = 0.5)]
    pub whole: i64,
    #[field(max = 300)]
    pub byte: u8,
    #[field(max_select = 2)]
    pub one: Relation<Post>,
    #[field(max_select = 1)]
    pub several: Vec<Relation<Post>>,
    #[field(min_select = 3, max_select = 2)]
    pub few: Vec<Relation<Post>>,
    #[field(required)]
    pub absent: Option<String>,
    #[field(on_create, min = "2024-01-01", required)]
    pub created: DateTime,
    #[field(except_domains = ["a"], only_domains = ["b"])]
    pub email: Email,
    #[field(only_domains = "example.com")]
    pub other: Email,
    #[field(hidden = 1)]
    pub hidden: bool,
    #[field]
    pub bare: bool,
    #[field(protected(yes))]
    pub file: Option<File>,
}

fn main() {}
