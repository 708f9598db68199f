#![allow(unused_imports)]

use bakend::{AppEvent, ListEvent, RecordEvent, Result, hook};

pub struct Post;

#[hook]
async fn no_event(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_creat)]
async fn typo(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(collection = Post, before_create)]
async fn order(_: &mut RecordEvent<Post>) -> Result<()> {
    Ok(())
}

#[hook(before_create)]
fn not_async(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create)]
async fn nothing() -> Result<()> {
    Ok(())
}

#[hook(before_create)]
async fn by_value(_: RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, collection = Post)]
async fn untyped(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, collection = "posts")]
async fn typed(_: &mut RecordEvent<Post>) -> Result<()> {
    Ok(())
}

#[hook(before_create, collection = Post)]
async fn other_event(_: &mut ListEvent<Post>) -> Result<()> {
    Ok(())
}

#[hook(on_start, collection = Post)]
async fn about_all(_: &mut AppEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, collection = Post, collections = ["users"])]
async fn twice(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, collection = 3)]
async fn number(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, priority = 0.5)]
async fn half(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, prioritty = 1)]
async fn option(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create)]
async fn silent(_: &mut RecordEvent) {}

#[hook(before_create)]
async fn generic<T>(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

fn main() {}
