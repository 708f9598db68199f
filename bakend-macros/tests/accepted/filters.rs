use bakend::{Collection, DateTime, Id, Relation, typed::Filter};

#[derive(Collection)]
#[collection(name = "users", auth)]
pub struct User {
    pub id: Id<User>,
    pub name: String,
}

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    pub title: String,
    pub score: i64,
    pub author: Relation<User>,
    #[field(on_create)]
    pub created: DateTime,
}

fn mine(user: &User, since: DateTime) -> Filter<Post> {
    Post::title.contains("x") & Post::author.eq(user) & !(Post::created.lt(since) | Post::score.le(3))
}

#[test]
fn filters_are_checked_by_the_compiler() {
    let id = Id::new("me");
    let filter =
        Post::author.eq(&id) & Post::author.then(User::verified).eq(true) & Post::author.then(User::email).is_set();
    assert_eq!(filter.to_string(), "author = 'me' && author.verified = true && author.email != ''");
    let _ = mine;
}
