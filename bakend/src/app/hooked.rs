//! A function of the builder for each event: `.before_create::<Post>(async |e| …)`, `.after_update_of("posts", async |e| …)`.

use super::Builder;
use crate::service::{
    events::{AppEvent, AuthEvent, EnrichEvent, Handler, Hook, ListEvent, MailEvent, Names, RecordEvent, ServeEvent},
    typed::Collection,
};

/// Functions that add the hook of the same name.
macro_rules! hooks {
    ($($typed:ident, $named:ident: $event:ident;)+) => {
        impl Builder {
            $(
                #[doc = concat!("Adds [`Hook::", stringify!($typed), "`].")]
                pub fn $typed<T: Collection>(self, run: impl Handler<$event<T>>) -> Self {
                    self.hook(Hook::$typed::<T>(run))
                }

                #[doc = concat!("Adds [`Hook::", stringify!($named), "`].")]
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
    on_view, on_view_of: RecordEvent;
    on_list, on_list_of: ListEvent;
    on_enrich, on_enrich_of: EnrichEvent;
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

    /// Adds [`Hook::on_start`].
    pub fn on_start(self, run: impl Handler<AppEvent>) -> Self {
        self.hook(Hook::on_start(run))
    }

    /// Adds [`Hook::on_serve`].
    pub fn on_serve(self, run: impl Handler<ServeEvent>) -> Self {
        self.hook(Hook::on_serve(run))
    }

    /// Adds [`Hook::on_stop`].
    pub fn on_stop(self, run: impl Handler<AppEvent>) -> Self {
        self.hook(Hook::on_stop(run))
    }
}
