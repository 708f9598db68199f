use bakend::{Collection, Id, Relation, Select, SelectValue};

#[derive(SelectValue)]
enum Status {
    Draft,
}

#[derive(SelectValue)]
enum Size {
    Small,
}

#[derive(Collection)]
#[collection(name = "users")]
struct User {
    id: Id<User>,
}

#[derive(Collection)]
#[collection(name = "posts")]
struct Post {
    id: Id<Post>,
    title: String,
    score: i64,
    status: Select<Status>,
    author: Relation<User>,
}

fn main() {
    let _ = Post::title.eq(3);
    let _ = Post::score.eq("3");
    let _ = Post::status.eq(Size::Small);
    let _ = Post::author.eq(Id::<Post>::new("x"));
}
