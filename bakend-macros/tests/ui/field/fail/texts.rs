use bakend::{Collection, DateTime, File, Id};

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    #[field(thumbs = ["100", "0x0", "10x10z", "10x10t"], mime_types = ["png", "image/png"])]
    pub file: Option<File>,
    #[field(min = "yesterday", max = "2024-13-01")]
    pub at: DateTime,
}

fn main() {}
