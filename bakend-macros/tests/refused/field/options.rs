use bakend::{
    Collection, DateTime, Editor, Email, File, Id, Json, Password, Relation, Select, SelectValue,
};

#[derive(Clone, Copy, SelectValue)]
pub enum Size {
    Small,
    Large,
}

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
    #[field(min = 0.5, max = 1, only_int)]
    pub ratio: f64,
}

#[derive(Collection)]
#[collection(name = "pages")]
pub struct Page {
    #[field(pattern = "[", autogenerate_pattern = "^[a-z]{15}$")]
    pub id: Id<Page>,
    #[field(help = 1, renamed_from, id = "")]
    pub texts: String,
    #[field(help(text), renamed_from = "old name", name = title)]
    pub names: String,
    #[field(only_int = 1)]
    pub float: f64,
    #[field(only_int)]
    pub whole: i64,
    #[field(max_size = "1kb", convert_urls = "no")]
    pub html: Option<Editor>,
    #[field(on_update = 1, on_create = "now")]
    pub updated: DateTime,
    #[field(cascade_delete = "yes")]
    pub parent: Option<Relation<Page>>,
    #[field(max_size = 0.5, mime_types = "png", thumbs("10x10"))]
    pub file: Option<File>,
    #[field(max_size = -1)]
    pub json: Json<Vec<u8>>,
    #[field(min = 0, max = 72, cost = 3)]
    pub short: Password,
    #[field(min = 9, max = 8, cost = 32, pattern = "(?=.*[0-9])")]
    pub long: Password,
    #[field(cost = "12", salt = 3)]
    pub other: Password,
    #[field(unique = 1, index = "no", presentable(true))]
    pub flags: String,
    #[field(max_select = "all")]
    pub sizes: Vec<Select<Size>>,
}

fn main() {}
