#![allow(unused_imports)]

use bakend::{AppEvent, ListEvent, MailEvent, RecordEvent, Result, hook};

pub struct Post;
pub struct User;

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

#[hook(before_list, collection = Post)]
async fn other_phase(_: &mut ListEvent<Post>) -> Result<()> {
    Ok(())
}

#[hook(before_view)]
async fn no_record_yet(_: &mut RecordEvent) -> Result<()> {
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

#[hook(before_create, collections = [], name = 3)]
async fn none(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, collections = "posts", priority = 1, priority = 2)]
async fn no_list(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(before_create, name, collections = ["posts"])]
async fn bare_name(_: &mut RecordEvent) -> Result<()> {
    Ok(())
}

#[hook(on_mail, collection = "users")]
async fn all_mails(_: &mut MailEvent) -> Result<()> {
    Ok(())
}

#[hook(before_sign_in, collection = User)]
async fn no_account(_: &mut RecordEvent<User>) -> Result<()> {
    Ok(())
}

fn main() {}
