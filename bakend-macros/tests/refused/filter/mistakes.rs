use bakend::{Collection, Id, Relation};

#[derive(Collection)]
#[collection(name = "users")]
struct User {
    id: Id<User>,
    name: String,
}

#[derive(Collection)]
#[collection(name = "posts")]
struct Post {
    id: Id<Post>,
    title: String,
    score: i64,
    author: Relation<User>,
}

// Values of another type are in `types.rs`.
fn main() {
    // a field that is not there
    let _ = Post::titel.eq("x");
    // what a type does not have
    let _ = Post::score.contains("3");
    let _ = Post::title.then(User::name);
    // filters of different collections
    let _ = Post::title.eq("x") & User::name.eq("x");
    // what is required
    let _ = Post::new("title");
}
