//! What happens by itself when posts are written.

use bakend::{DateTime, RecordEvent, Result};

use crate::models::{Post, Status};

/// Gives a new post its slug and, if it is published at once, its date.
pub async fn on_create(event: &mut RecordEvent<Post>) -> Result<()> {
    let post = event.record()?;
    if post.slug.is_empty() {
        event.set(Post::slug, slug(&post.title));
    }
    date(event, &post)
}

/// Gives a post its date when it is published; the slug stays, because others link to it.
pub async fn on_update(event: &mut RecordEvent<Post>) -> Result<()> {
    let post = event.record()?;
    date(event, &post)
}

fn date(event: &mut RecordEvent<Post>, post: &Post) -> Result<()> {
    if post.status.0 == Status::Published && post.published.is_none() {
        event.set(Post::published, DateTime::now());
    }
    Ok(())
}

/// A title as part of an address: `Hello, World!` is `hello-world`.
pub fn slug(title: &str) -> String {
    let letters = title.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' });
    let words: String = letters.flat_map(char::to_lowercase).collect();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}
