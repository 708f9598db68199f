use bakend::{Collection, DateTime, File, Id};

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    #[field(thumbs = ["100", "0x0", "10x10z", "10x10t"], mime_types = ["png", "image/png"])]
    pub file: Option<File>,
    #[field(min = "yesterday", max = "2024-13-01")]
    pub at: DateTime,
    #[field(min = "2024-02-30", max = "2024-05-01 nonsense")]
    pub then: DateTime,
    #[field(min = "0001-01-01", max = "2024-05-01 08:00")]
    pub once: DateTime,
    #[field(pattern = "[a-z", autogenerate_pattern = "^[a-z]+")]
    pub open: String,
    #[field(pattern = "a(?=b)", autogenerate_pattern = "(a")]
    pub looks: String,
    #[field(pattern = "*", help = "A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. A hint that goes on and on. ")]
    pub nothing: String,
}

#[derive(Collection)]
#[collection(name = "pages")]
pub struct Page {
    pub id: Id<Page>,
    #[field(renamed_from = "old name", id = "text1")]
    pub heading: String,
    #[field(id = "")]
    pub text: String,
}

#[derive(Collection)]
#[collection(name = "lines")]
pub struct Line {
    pub id: Id<Line>,
    #[field(renamed_from = "text")]
    pub words: String,
    #[field(renamed_from = "text")]
    pub text: String,
}

fn main() {}
