//! Every event, of a type, of names and of all; and what the events of each kind are good for.

use bakend::{
    AppEvent, AuthEvent, Bakend, Builder, Collection, ConnectEvent, Email, EnrichEvent, Hook, Id, IntoHook, ListEvent,
    LookupEvent, MailEvent, MessageEvent, QueryEvent, RecordEvent, Result, ServeEvent, SubscribeEvent, hook,
};

#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    pub id: Id<Post>,
    pub title: String,
}

#[derive(Collection)]
#[collection(name = "users", auth)]
pub struct User {
    pub id: Id<User>,
    pub email: Email,
    pub name: Option<String>,
}

macro_rules! about_collections {
    ($($event:ident($takes:ident),)*) => {
        $(mod $event {
            use super::*;

            #[hook($event, collection = User)]
            pub async fn typed(_: &mut $takes<User>) -> Result<()> {
                Ok(())
            }

            #[hook($event, collections = ["posts", "users"])]
            pub async fn named(_: &mut $takes) -> Result<()> {
                Ok(())
            }

            #[hook($event)]
            pub async fn all(_: &mut $takes) -> Result<()> {
                Ok(())
            }
        })*

        fn about_collections(builder: Builder) -> Builder {
            builder$(.hook($event::typed).hook($event::named).hook($event::all))*
        }
    };
}

about_collections! {
    before_create(RecordEvent), within_create(RecordEvent), after_create(RecordEvent),
    before_update(RecordEvent), within_update(RecordEvent), after_update(RecordEvent),
    before_delete(RecordEvent), within_delete(RecordEvent), after_delete(RecordEvent),
    before_view(LookupEvent), on_view(RecordEvent), after_view(RecordEvent),
    before_list(QueryEvent), on_list(ListEvent), after_list(ListEvent),
    before_enrich(EnrichEvent), on_enrich(EnrichEvent), after_enrich(EnrichEvent),
    before_sign_in(AuthEvent), after_sign_in(AuthEvent),
    before_refresh(AuthEvent), after_refresh(AuthEvent),
    before_register(AuthEvent), after_register(AuthEvent),
    before_otp_request(AuthEvent), after_otp_request(AuthEvent),
    before_verification_request(AuthEvent), after_verification_request(AuthEvent),
    before_verification(AuthEvent), after_verification(AuthEvent),
    before_password_reset_request(AuthEvent), after_password_reset_request(AuthEvent),
    before_password_reset(AuthEvent), after_password_reset(AuthEvent),
    before_email_change_request(AuthEvent), after_email_change_request(AuthEvent),
    before_email_change(AuthEvent), after_email_change(AuthEvent),
    on_mail_about(MailEvent),
}

macro_rules! about_the_app {
    ($($event:ident($takes:ident),)*) => {
        $(#[hook($event, priority = 3)]
        async fn $event(_: &mut $takes) -> Result<()> {
            Ok(())
        })*

        fn about_the_app(builder: Builder) -> Builder {
            builder$(.hook($event))*
        }
    };
}

about_the_app! {
    on_start(AppEvent), on_serve(ServeEvent), on_stop(AppEvent), on_mail(MailEvent),
    on_realtime_connect(ConnectEvent), on_realtime_subscribe(SubscribeEvent), on_realtime_message(MessageEvent),
}

/// Documented.
#[hook(before_create, collection = Post, priority = -5, name = "tidy")]
pub async fn tidy(e: &mut RecordEvent<Post>) -> Result<()> {
    let title = e.record()?.title.trim().to_owned();
    e.set(Post::title, title);
    Ok(())
}

#[hook(within_update, collection = crate::events::Post)]
async fn within(e: &mut RecordEvent<crate::events::Post>) -> Result<()> {
    e.next().await
}

#[hook(before_update, collection = crate::events::Post)]
async fn by_two_paths(e: &mut RecordEvent<Post>) -> Result<()> {
    e.record().map(drop)
}

#[hook(on_list, collection = Post)]
async fn list(e: &mut ListEvent<Post>) -> Result<()> {
    e.keep(|post| post.title != "secret")
}

#[hook(before_list, collection = Post)]
async fn query(e: &mut QueryEvent<Post>) -> Result<()> {
    e.query.per_page = e.query.per_page.min(10);
    e.only(Post::title.ne("secret"))
}

#[hook(before_list, collection = "posts")]
async fn any_query(e: &mut QueryEvent) -> Result<()> {
    e.narrow("id != ''")
}

#[hook(before_view, collection = Post)]
async fn lookup(e: &mut LookupEvent<Post>) -> Result<()> {
    let _: Id<Post> = e.id();
    e.expand.clear();
    Ok(())
}

#[hook(before_enrich)]
async fn enriching(e: &mut EnrichEvent) -> Result<()> {
    e.hide.push("title".to_owned());
    Ok(())
}

#[hook(after_enrich, collection = Post)]
async fn enriched(e: &mut EnrichEvent<Post>) -> Result<()> {
    e.record().map(drop)
}

#[hook(before_register, collection = User)]
async fn named(e: &mut AuthEvent<User>) -> Result<()> {
    e.set(User::name, "Ann");
    Ok(())
}

#[hook(on_realtime_subscribe)]
async fn topics(e: &mut SubscribeEvent) -> Result<()> {
    e.topics.retain(|topic| topic != "secret");
    Ok(())
}

#[hook(on_realtime_message)]
async fn stopped(e: &mut MessageEvent) -> Result<()> {
    e.stop();
    Ok(())
}

#[test]
fn every_event_has_its_hook() {
    let hook: Hook = tidy.into_hook();
    let shown = format!("{hook:?}");
    assert!(shown.contains("\"tidy\"") && shown.contains("-5") && shown.contains("posts"), "{shown}");
    let builder = about_the_app(about_collections(Bakend::builder()));
    let builder = builder.hook(tidy).hook(within).hook(list).hook(query).hook(any_query).hook(lookup);
    let builder = builder.hook(enriching).hook(enriched).hook(named).hook(topics).hook(stopped);
    let builder = builder.hook(by_two_paths);
    let _ = tidy::run;
    // The name of a hook is none that a variable could not have.
    let (tidy, list) = (3, 4);
    assert!(matches!(tidy + list, within if within > 0));
    drop(builder);
}
