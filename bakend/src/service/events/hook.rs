//! A hook on its way to its chain: the event it listens to, for which collections, when, and under which name.

use super::{
    AppEvent, AppParts, AuthParts, ConnectEvent, ConnectParts, EnrichParts, Event, Handler, Hooks, ListParts,
    LookupParts, MailEvent, MailParts, MessageEvent, MessageParts, QueryParts, RecordParts, ServeEvent, ServeParts,
    SubscribeEvent, SubscribeParts,
};
use crate::{
    hooks::{Bind, Chain, PRIORITY_DEFAULT},
    service::typed::Collection,
};

/// Adds a hook to the chain of its event.
type Listen = Box<dyn FnOnce(&Hooks, Bind) + Send>;

/// A function and the event it listens to; made by the function of that event's name, added with
/// `Bakend::builder().hook(…)` or [`Hooks::add`].
///
/// ```
/// use bakend::{Hook, hooks};
/// let hook = Hook::before_create_of("posts", async |e| {
///     let title = e.record.text("title").trim().to_owned();
///     e.record.set("title", bakend::schema::Value::Text(title));
///     Ok(())
/// });
/// let hooks = bakend::service::events::Hooks::default();
/// hooks.add(hook.priority(hooks::PRIORITY_DEFAULT - 10).named("tidy titles"));
/// ```
pub struct Hook {
    event: &'static str,
    collections: Vec<String>,
    priority: i32,
    name: Option<String>,
    listen: Listen,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hook")
            .field("name", &self.shown())
            .field("event", &self.event)
            .field("collections", &self.collections)
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

/// What becomes a hook: a [`Hook`], or what `#[hook]` makes of a function.
pub trait IntoHook {
    /// The hook.
    fn into_hook(self) -> Hook;
}

impl IntoHook for Hook {
    fn into_hook(self) -> Hook {
        self
    }
}

/// For every collection.
#[derive(Clone, Copy, Debug)]
pub struct All;

/// Collections that a hook is for, by name or id.
pub trait Names {
    /// The names; none: all.
    fn names(self) -> Vec<String>;
}

impl Names for All {
    fn names(self) -> Vec<String> {
        Vec::new()
    }
}

impl Names for &str {
    fn names(self) -> Vec<String> {
        vec![self.to_owned()]
    }
}

impl Names for String {
    fn names(self) -> Vec<String> {
        vec![self]
    }
}

impl<const N: usize> Names for [&str; N] {
    fn names(self) -> Vec<String> {
        self.map(str::to_owned).into()
    }
}

impl Hook {
    /// When it runs among the hooks of its event: lower is earlier, equals in the order they were added. 0 where nothing is said.
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// What the log and tests call it. Without a name it is called by its event: `before_create posts`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds it to its chain.
    pub(super) fn listen(self, hooks: &Hooks) {
        let name = self.shown();
        (self.listen)(hooks, Bind { tags: self.collections, priority: self.priority, name });
    }

    fn shown(&self) -> String {
        self.name.clone().unwrap_or_else(|| match self.collections.as_slice() {
            [] => self.event.to_owned(),
            names => format!("{} {}", self.event, names.join(" ")),
        })
    }

    fn new<P: Send + 'static, T: 'static>(
        event: &'static str,
        collections: Vec<String>,
        chain: fn(&Hooks) -> &Chain<Event<P>>,
        run: impl Handler<Event<P, T>>,
    ) -> Self {
        let listen = move |hooks: &Hooks, bind: Bind| match hooks.diary().cloned() {
            None => {
                chain(hooks).add(bind, move |event, next| Box::pin(event.hand_to(next, run.clone())));
            }
            Some(diary) => {
                let name = bind.name.clone();
                chain(hooks).add(bind, move |event, next| {
                    diary(&name);
                    Box::pin(event.hand_to(next, run.clone()))
                });
            }
        };
        Self { event, collections, priority: PRIORITY_DEFAULT, name: None, listen: Box::new(listen) }
    }
}

/// The functions of one kind of event: for a typed collection, and for collections by name.
macro_rules! events {
    ($parts:ty: $($(#[doc = $doc:literal])+ $typed:ident, $named:ident => $chain:expr;)+) => {
        impl Hook {
            $(
                $(#[doc = $doc])+
                pub fn $typed<T: Collection>(run: impl Handler<Event<$parts, T>>) -> Self {
                    Self::new(stringify!($typed), vec![T::NAME.to_owned()], $chain, run)
                }

                $(#[doc = $doc])+
                /// For collections by name, [`All`] of them.
                pub fn $named(collections: impl Names, run: impl Handler<Event<$parts>>) -> Self {
                    Self::new(stringify!($typed), collections.names(), $chain, run)
                }
            )+
        }
    };
}

events! { RecordParts:
    /// Before a record is created: may change or reject it. No lock is held, unless the write is part of a transaction (a batch,
    /// `app.transaction`, a `within` hook), where this hook runs in it: write through `e.records(…)`, which is right in both; what writes
    /// through `e.app` is refused there.
    before_create, before_create_of => |hooks| &hooks.create.before;
    /// Around the creation of a record, inside its transaction: an error undoes everything.
    within_create, within_create_of => |hooks| &hooks.create.within;
    /// After the creation of a record was committed: an error is logged and undoes nothing.
    after_create, after_create_of => |hooks| &hooks.create.after;
    /// Before a record is changed, also because one that it points at is deleted: may change or reject the new values. No lock is held,
    /// unless the write is part of a transaction (a batch, `app.transaction`, a `within` hook), where this hook runs in it: write through
    /// `e.records(…)`, which is right in both; what writes through `e.app` is refused there.
    before_update, before_update_of => |hooks| &hooks.update.before;
    /// Around the change of a record, inside its transaction: an error undoes everything. Where it changes because one that it points at
    /// is deleted, that one is still there.
    within_update, within_update_of => |hooks| &hooks.update.within;
    /// After the change of a record was committed: an error is logged and undoes nothing.
    after_update, after_update_of => |hooks| &hooks.update.after;
    /// Before a record is deleted, also by cascade: may reject it. No lock is held, unless the write is part of a transaction (a batch,
    /// `app.transaction`, a `within` hook), where this hook runs in it: write through `e.records(…)`, which is right in both; what writes
    /// through `e.app` is refused there.
    before_delete, before_delete_of => |hooks| &hooks.delete.before;
    /// Around the deletion of a record, inside its transaction: an error undoes everything. `next` deletes it, after what depends on it;
    /// of a record that goes by cascade itself, what depends on it is gone before its hook is heard.
    within_delete, within_delete_of => |hooks| &hooks.delete.within;
    /// After the deletion of a record was committed: an error is logged and undoes nothing.
    after_delete, after_delete_of => |hooks| &hooks.delete.after;
    /// A record is shown by its id: may change what is shown, or reject.
    on_view, on_view_of => |hooks| &hooks.view.on;
    /// After a record was written into the answer to who asked for it: an error is logged and changes nothing.
    after_view, after_view_of => |hooks| &hooks.view.after;
}

events! { LookupParts:
    /// Before a record is read by its id: may change what is asked for, or reject; nothing is read then.
    before_view, before_view_of => |hooks| &hooks.view.before;
}

events! { QueryParts:
    /// Before a page of records is read: may change what is asked for, or reject; nothing is read then.
    before_list, before_list_of => |hooks| &hooks.list.before;
}

events! { ListParts:
    /// A page of records is shown: may change, drop or add records, or reject.
    on_list, on_list_of => |hooks| &hooks.list.on;
    /// After a page of records was written into the answer: an error is logged and changes nothing.
    after_list, after_list_of => |hooks| &hooks.list.after;
}

events! { EnrichParts:
    /// Before a record is written for a client, ahead of every `on_enrich` hook: may leave out fields and add properties, or reject.
    before_enrich, before_enrich_of => |hooks| &hooks.enrich.before;
    /// A record is written for a client, in whatever answer: may leave out fields and add properties.
    on_enrich, on_enrich_of => |hooks| &hooks.enrich.on;
    /// After it is settled what a client sees of a record: an error is logged and changes nothing.
    after_enrich, after_enrich_of => |hooks| &hooks.enrich.after;
}

events! { AuthParts:
    /// Before somebody signs in, by any method: the proof is complete: may reject.
    before_sign_in, before_sign_in_of => |hooks| &hooks.auth.sign_in.before;
    /// After somebody signed in: an error is logged and undoes nothing.
    after_sign_in, after_sign_in_of => |hooks| &hooks.auth.sign_in.after;
    /// Before a token is exchanged for a fresh one: may reject.
    before_refresh, before_refresh_of => |hooks| &hooks.auth.refresh.before;
    /// After a token was exchanged for a fresh one: an error is logged and undoes nothing.
    after_refresh, after_refresh_of => |hooks| &hooks.auth.refresh.after;
    /// Before somebody makes an account, other than a superuser or the program itself: may reject.
    before_register, before_register_of => |hooks| &hooks.auth.register.before;
    /// After somebody made an account: an error is logged and undoes nothing.
    after_register, after_register_of => |hooks| &hooks.auth.register.after;
    /// Before a one-time password is sent to an account that asked: may reject.
    before_otp_request, before_otp_request_of => |hooks| &hooks.auth.otp_request.before;
    /// After a one-time password was asked for: an error is logged and undoes nothing.
    after_otp_request, after_otp_request_of => |hooks| &hooks.auth.otp_request.after;
    /// Before a verification mail is sent to an account that asked: may reject.
    before_verification_request, before_verification_request_of => |hooks| &hooks.auth.verification_request.before;
    /// After a verification mail was asked for: an error is logged and undoes nothing.
    after_verification_request, after_verification_request_of => |hooks| &hooks.auth.verification_request.after;
    /// Before an address is verified: may reject.
    before_verification, before_verification_of => |hooks| &hooks.auth.verification.before;
    /// After an address was verified: an error is logged and undoes nothing.
    after_verification, after_verification_of => |hooks| &hooks.auth.verification.after;
    /// Before a password reset mail is sent to an account that asked: may reject.
    before_password_reset_request, before_password_reset_request_of => |hooks| &hooks.auth.password_reset_request.before;
    /// After a password reset mail was asked for: an error is logged and undoes nothing.
    after_password_reset_request, after_password_reset_request_of => |hooks| &hooks.auth.password_reset_request.after;
    /// Before a new password is set by mail: may reject.
    before_password_reset, before_password_reset_of => |hooks| &hooks.auth.password_reset.before;
    /// After a new password was set by mail: an error is logged and undoes nothing.
    after_password_reset, after_password_reset_of => |hooks| &hooks.auth.password_reset.after;
    /// Before a mail to change the address is sent to an account that asked: may reject.
    before_email_change_request, before_email_change_request_of => |hooks| &hooks.auth.email_change_request.before;
    /// After another address was asked for: an error is logged and undoes nothing.
    after_email_change_request, after_email_change_request_of => |hooks| &hooks.auth.email_change_request.after;
    /// Before another address is confirmed: may reject.
    before_email_change, before_email_change_of => |hooks| &hooks.auth.email_change.before;
    /// After another address was confirmed: an error is logged and undoes nothing.
    after_email_change, after_email_change_of => |hooks| &hooks.auth.email_change.after;
}

events! { MailParts:
    /// A mail about an account of these collections leaves: may change it, or `stop()` the event to keep it. Its own mails an app hears
    /// of with [`Hook::on_mail`].
    on_mail_about, on_mail_about_of => |hooks| &hooks.mail;
}

impl Hook {
    /// Any mail leaves, also the app's own: may change it, or `stop()` the event to keep it.
    pub fn on_mail(run: impl Handler<MailEvent>) -> Self {
        Self::new::<MailParts, super::Dynamic>("on_mail", Vec::new(), |hooks| &hooks.mail, run)
    }

    /// A client connects to realtime: may reject, and say how long a stream may last.
    pub fn on_realtime_connect(run: impl Handler<ConnectEvent>) -> Self {
        Self::new::<ConnectParts, super::Dynamic>(
            "on_realtime_connect",
            Vec::new(),
            |hooks| &hooks.realtime_connect,
            run,
        )
    }

    /// A client of realtime subscribes to topics: may change them, or reject.
    pub fn on_realtime_subscribe(run: impl Handler<SubscribeEvent>) -> Self {
        let name = "on_realtime_subscribe";
        Self::new::<SubscribeParts, super::Dynamic>(name, Vec::new(), |hooks| &hooks.realtime_subscribe, run)
    }

    /// An event of realtime is about to be sent to one client: may change it, or `stop()` the event to keep it. It runs for each client of each
    /// event: while there is one, clients share no work.
    pub fn on_realtime_message(run: impl Handler<MessageEvent>) -> Self {
        Self::new::<MessageParts, super::Dynamic>(
            "on_realtime_message",
            Vec::new(),
            |hooks| &hooks.realtime_message,
            run,
        )
    }

    /// The app is open: tables, collections and migrations are in place. An error stops the program.
    pub fn on_start(run: impl Handler<AppEvent>) -> Self {
        Self::new::<AppParts, super::Dynamic>("on_start", Vec::new(), |hooks| &hooks.start, run)
    }

    /// The app listens and is about to answer. An error stops the program.
    pub fn on_serve(run: impl Handler<ServeEvent>) -> Self {
        Self::new::<ServeParts, super::Dynamic>("on_serve", Vec::new(), |hooks| &hooks.serve, run)
    }

    /// The app is about to close; the database still answers.
    pub fn on_stop(run: impl Handler<AppEvent>) -> Self {
        Self::new::<AppParts, super::Dynamic>("on_stop", Vec::new(), |hooks| &hooks.stop, run)
    }
}
