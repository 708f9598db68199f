use bakend::{Collection, Id};

#[derive(Collection)]
#[collection(
    name = "posts",
    rules(
        list = "published == true",
        view = "publishd = true",
        create = "@request.auth.id != '",
        update = "title = 'a' and published = true",
        delete = "comments_via_post.id != '' && @collection.users.id = 'x' && title:lower ~ 'x'"
    )
)]
pub struct Post {
    pub id: Id<Post>,
    pub title: String,
    pub published: bool,
}

fn main() {}
