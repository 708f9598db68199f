use bakend::{
    AppEvent, Bakend, Collection, EnrichEvent, Hook, Id, IntoHook, ListEvent, RecordEvent, Result, ServeEvent, hook,
};

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    pub title: String,
}

/// Documented.
#[hook(before_create, collection = Post, priority = -5, name = "tidy")]
pub async fn tidy(e: &mut RecordEvent<Post>) -> Result<()> {
    let title = e.record()?.title.trim().to_owned();
    e.set(Post::title, title);
    Ok(())
}

#[hook(within_update, collection = crate::Post)]
async fn within(e: &mut RecordEvent<crate::Post>) -> Result<()> {
    e.next().await
}

#[hook(after_delete, collection = "posts")]
async fn named(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(on_view, collections = ["posts", "users"])]
async fn several(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(on_enrich)]
async fn all(_: &mut EnrichEvent) -> Result<()> {
    Ok(())
}

#[hook(on_list, collection = Post)]
async fn list(e: &mut ListEvent<Post>) -> Result<()> {
    e.keep(|post| post.title != "secret")
}

#[hook(on_start)]
async fn start(_: &mut AppEvent) -> Result<()> {
    Ok(())
}

#[hook(on_serve, priority = 3)]
async fn serve(_: &mut ServeEvent) -> Result<()> {
    Ok(())
}

fn main() {
    let hook: Hook = tidy.into_hook();
    let shown = format!("{hook:?}");
    assert!(shown.contains("\"tidy\"") && shown.contains("-5") && shown.contains("posts"), "{shown}");
    let _ = Bakend::builder().hook(tidy).hook(within).hook(named).hook(several).hook(all).hook(list).hook(start).hook(serve);
    let _ = tidy::run;
}
