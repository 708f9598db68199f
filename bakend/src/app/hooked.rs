//! A function of the builder for each event: `.before_create::<Post>(async |e| …)`, `.after_update_of("posts", async |e| …)`.

use super::Builder;
use crate::service::{
    events::{
        AppEvent, AuthEvent, ConnectEvent, EnrichEvent, Handler, Hook, ListEvent, LookupEvent, MailEvent, MessageEvent,
        Names, QueryEvent, RecordEvent, ServeEvent, SubscribeEvent,
    },
    typed::Collection,
};

/// Functions that add the hook of the same name.
macro_rules! hooks {
    ($($typed:ident, $named:ident: $event:ident;)+) => {
        impl Builder {
            $(
                #[doc = concat!("Adds [`Hook::", stringify!($typed), "`]: `.", stringify!($typed), "::<Post>(async |e| …)`.")]
                pub fn $typed<T: Collection>(self, run: impl Handler<$event<T>>) -> Self {
                    self.hook(Hook::$typed::<T>(run))
                }

                #[doc = concat!("Adds [`Hook::", stringify!($named), "`]: `.", stringify!($named), "(\"posts\", async |e| …)`.")]
                pub fn $named(self, collections: impl Names, run: impl Handler<$event>) -> Self {
                    self.hook(Hook::$named(collections, run))
                }
            )+
        }
    };
}

hooks! {
    before_create, before_create_of: RecordEvent;
    within_create, within_create_of: RecordEvent;
    after_create, after_create_of: RecordEvent;
    before_update, before_update_of: RecordEvent;
    within_update, within_update_of: RecordEvent;
    after_update, after_update_of: RecordEvent;
    before_delete, before_delete_of: RecordEvent;
    within_delete, within_delete_of: RecordEvent;
    after_delete, after_delete_of: RecordEvent;
    before_view, before_view_of: LookupEvent;
    on_view, on_view_of: RecordEvent;
    after_view, after_view_of: RecordEvent;
    before_list, before_list_of: QueryEvent;
    on_list, on_list_of: ListEvent;
    after_list, after_list_of: ListEvent;
    before_enrich, before_enrich_of: EnrichEvent;
    on_enrich, on_enrich_of: EnrichEvent;
    after_enrich, after_enrich_of: EnrichEvent;
    before_sign_in, before_sign_in_of: AuthEvent;
    after_sign_in, after_sign_in_of: AuthEvent;
    before_refresh, before_refresh_of: AuthEvent;
    after_refresh, after_refresh_of: AuthEvent;
    before_register, before_register_of: AuthEvent;
    after_register, after_register_of: AuthEvent;
    before_otp_request, before_otp_request_of: AuthEvent;
    after_otp_request, after_otp_request_of: AuthEvent;
    before_verification_request, before_verification_request_of: AuthEvent;
    after_verification_request, after_verification_request_of: AuthEvent;
    before_verification, before_verification_of: AuthEvent;
    after_verification, after_verification_of: AuthEvent;
    before_password_reset_request, before_password_reset_request_of: AuthEvent;
    after_password_reset_request, after_password_reset_request_of: AuthEvent;
    before_password_reset, before_password_reset_of: AuthEvent;
    after_password_reset, after_password_reset_of: AuthEvent;
    before_email_change_request, before_email_change_request_of: AuthEvent;
    after_email_change_request, after_email_change_request_of: AuthEvent;
    before_email_change, before_email_change_of: AuthEvent;
    after_email_change, after_email_change_of: AuthEvent;
    on_mail_about, on_mail_about_of: MailEvent;
}

impl Builder {
    /// Adds [`Hook::on_mail`].
    pub fn on_mail(self, run: impl Handler<MailEvent>) -> Self {
        self.hook(Hook::on_mail(run))
    }

    /// Adds [`Hook::on_realtime_connect`].
    pub fn on_realtime_connect(self, run: impl Handler<ConnectEvent>) -> Self {
        self.hook(Hook::on_realtime_connect(run))
    }

    /// Adds [`Hook::on_realtime_subscribe`].
    pub fn on_realtime_subscribe(self, run: impl Handler<SubscribeEvent>) -> Self {
        self.hook(Hook::on_realtime_subscribe(run))
    }

    /// Adds [`Hook::on_realtime_message`].
    pub fn on_realtime_message(self, run: impl Handler<MessageEvent>) -> Self {
        self.hook(Hook::on_realtime_message(run))
    }

    /// Adds [`Hook::on_start`].
    pub fn on_start(self, run: impl Handler<AppEvent>) -> Self {
        self.hook(Hook::on_start(run))
    }

    /// Adds [`Hook::on_serve`]; nobody hears it where the backend is [part of a larger app](crate::Bakend::into_router).
    pub fn on_serve(self, run: impl Handler<ServeEvent>) -> Self {
        self.hook(Hook::on_serve(run))
    }

    /// Adds [`Hook::on_stop`].
    pub fn on_stop(self, run: impl Handler<AppEvent>) -> Self {
        self.hook(Hook::on_stop(run))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::{Arc, Mutex, MutexGuard, PoisonError},
    };

    use serde_json::json;

    use super::*;
    use crate::{
        Result,
        schema::{CollectionKind, Record},
        service::{
            events::Hooks,
            typed::{Definition, Id, ReadOnly, Row},
        },
    };

    /// A collection of which nothing counts but the name.
    struct Note {
        id: Id<Self>,
    }

    impl Collection for Note {
        const NAME: &'static str = "notes";
        const KIND: CollectionKind = CollectionKind::View;
        type Create = ReadOnly;
        type Update = ReadOnly;

        fn definition() -> Definition {
            unreachable!("nothing is opened")
        }

        fn id(&self) -> &Id<Self> {
            &self.id
        }

        fn from_row(row: &Row<'_>) -> Result<Self> {
            Ok(Self { id: row.get(0, "id")? })
        }

        fn write_to(&self, _: &mut Record) {}
    }

    /// Names of functions, those that take names of collections, and the chain that both add to.
    macro_rules! table {
        ($($typed:ident $named:ident $($chain:ident).+;)+) => {
            /// The chains that listen, by name; of the hooks of collections, those that hear of notes and of nothing else.
            fn listening(hooks: &Hooks) -> BTreeSet<&'static str> {
                let mut names = BTreeSet::new();
                $(
                    if hooks.$($chain).+.listens(&["notes"]) && !hooks.$($chain).+.listens(&["others"]) {
                        names.insert(stringify!($($chain).+));
                    }
                )+
                for (name, chain) in [("start", &hooks.start), ("stop", &hooks.stop)] {
                    names.extend(chain.is_used().then_some(name));
                }
                for (name, is_used) in [
                    ("mail of all", hooks.mail.listens(&[])),
                    ("serve", hooks.serve.is_used()),
                    ("realtime_connect", hooks.realtime_connect.is_used()),
                    ("realtime_subscribe", hooks.realtime_subscribe.is_used()),
                    ("realtime_message", hooks.realtime_message.is_used()),
                ] {
                    names.extend(is_used.then_some(name));
                }
                names
            }

            fn of_collections() -> Vec<(&'static str, &'static str, Builder)> {
                vec![$(
                    (stringify!($typed), stringify!($($chain).+), Builder::default().$typed::<Note>(async |_| Ok(()))),
                    (stringify!($named), stringify!($($chain).+), Builder::default().$named("notes", async |_| Ok(()))),
                )+]
            }
        };
    }

    table! {
        before_create before_create_of create.before;
        within_create within_create_of create.within;
        after_create after_create_of create.after;
        before_update before_update_of update.before;
        within_update within_update_of update.within;
        after_update after_update_of update.after;
        before_delete before_delete_of delete.before;
        within_delete within_delete_of delete.within;
        after_delete after_delete_of delete.after;
        before_view before_view_of view.before;
        on_view on_view_of view.on;
        after_view after_view_of view.after;
        before_list before_list_of list.before;
        on_list on_list_of list.on;
        after_list after_list_of list.after;
        before_enrich before_enrich_of enrich.before;
        on_enrich on_enrich_of enrich.on;
        after_enrich after_enrich_of enrich.after;
        before_sign_in before_sign_in_of auth.sign_in.before;
        after_sign_in after_sign_in_of auth.sign_in.after;
        before_refresh before_refresh_of auth.refresh.before;
        after_refresh after_refresh_of auth.refresh.after;
        before_register before_register_of auth.register.before;
        after_register after_register_of auth.register.after;
        before_otp_request before_otp_request_of auth.otp_request.before;
        after_otp_request after_otp_request_of auth.otp_request.after;
        before_verification_request before_verification_request_of auth.verification_request.before;
        after_verification_request after_verification_request_of auth.verification_request.after;
        before_verification before_verification_of auth.verification.before;
        after_verification after_verification_of auth.verification.after;
        before_password_reset_request before_password_reset_request_of auth.password_reset_request.before;
        after_password_reset_request after_password_reset_request_of auth.password_reset_request.after;
        before_password_reset before_password_reset_of auth.password_reset.before;
        after_password_reset after_password_reset_of auth.password_reset.after;
        before_email_change_request before_email_change_request_of auth.email_change_request.before;
        after_email_change_request after_email_change_request_of auth.email_change_request.after;
        before_email_change before_email_change_of auth.email_change.before;
        after_email_change after_email_change_of auth.email_change.after;
        on_mail_about on_mail_about_of mail;
    }

    #[test]
    fn every_function_adds_to_the_chain_of_its_name_and_to_no_other() {
        let plain = [
            ("on_mail", "mail of all", Builder::default().on_mail(async |_| Ok(()))),
            ("on_realtime_connect", "realtime_connect", Builder::default().on_realtime_connect(async |_| Ok(()))),
            ("on_realtime_subscribe", "realtime_subscribe", Builder::default().on_realtime_subscribe(async |_| Ok(()))),
            ("on_realtime_message", "realtime_message", Builder::default().on_realtime_message(async |_| Ok(()))),
            ("on_start", "start", Builder::default().on_start(async |_| Ok(()))),
            ("on_serve", "serve", Builder::default().on_serve(async |_| Ok(()))),
            ("on_stop", "stop", Builder::default().on_stop(async |_| Ok(()))),
        ];
        for (function, chain, builder) in of_collections().into_iter().chain(plain) {
            let hooks = Hooks::default();
            builder.setup.hooks.into_iter().for_each(|hook| hooks.add(hook));
            assert_eq!(listening(&hooks), BTreeSet::from([chain]), "{function}");
        }
    }

    /// A log that can be read.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Log {
        fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_panic_in_a_hook_is_logged_with_its_name() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let broken = Builder::default()
            .before_create_of("notes", async |e| match e.record.text("title") {
                "before" => panic!("broken before"),
                _ => Ok(()),
            })
            .hook(Hook::after_create_of("notes", async |_| panic!("broken after")).named("greeter"));
        let app = crate::test::TestApp::start(broken).await;
        app.collection("notes", json!([{"name": "title", "type": "text"}]), json!({"createRule": ""})).await;
        for (title, status, expected) in [
            ("before", 500, "the hook `before_create notes` panicked: broken before"),
            ("after", 200, "the hook `greeter` panicked: broken after"),
        ] {
            app.post("/api/collections/notes/records", json!({ "title": title })).await.status(status);
            let text = String::from_utf8_lossy(&log.lock()).into_owned();
            assert!(text.lines().any(|line| line.contains("ERROR") && line.contains(expected)), "{expected}: {text}");
        }
        app.close().await;
    }

    #[test]
    fn a_hook_is_called_by_its_event() {
        for (function, _, builder) in of_collections() {
            let shown = format!("{:?}", builder.setup.hooks);
            let event = function.strip_suffix("_of").unwrap_or(function);
            assert!(shown.contains(&format!("\"{event} notes\"")), "{function}: {shown}");
        }
    }
}
