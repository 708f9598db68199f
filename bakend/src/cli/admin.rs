//! `admin`: creates, changes, deletes and lists superusers, also while a server runs on the folder.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::Map;

use super::{
    Program,
    failure::{Failure, Outcome},
    password, words,
};
use crate::{
    Error,
    schema::Record,
    service::{App, AppOptions, auth::superusers, settings},
};

/// What to do with superusers.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Make a superuser
    Create(Account),
    /// Make a superuser, or give the one with this address a new password
    Upsert(Account),
    /// Give a superuser a new password; everyone signed in as them is signed out
    Update(Account),
    /// Delete a superuser
    Delete {
        /// Their e-mail address
        email: String,
    },
    /// Show all superusers
    List,
    /// Make a one-time password for a superuser, for when no mail arrives
    Otp {
        /// Their e-mail address
        email: String,
    },
    /// Let superusers come from these addresses and subnets only; without any, from everywhere
    Ips {
        /// As 10.0.0.1 or 10.0.0.0/8
        addresses: Vec<String>,
    },
}

/// Who, and their password.
#[derive(Args, Debug)]
pub(super) struct Account {
    /// E-mail address
    email: String,
    /// Password; without it BAK_ADMIN_PASSWORD is used, else it is asked for
    password: Option<String>,
}

/// Does it.
pub(super) async fn run(program: Program, base: AppOptions, action: Action) -> Outcome {
    let action = action.with_password()?;
    let dir = base.dir.clone();
    let app = program.open(base).await?;
    let outcome = act(&app, &dir, action).await;
    app.close().await;
    outcome
}

impl Action {
    /// Asks for a missing password: before the database is opened, because people take their time.
    fn with_password(self) -> Outcome<Self> {
        let complete = |account: Account| -> Outcome<Account> {
            let password = password::obtain(account.password, &account.email)?;
            Ok(Account { email: account.email, password: Some(password) })
        };
        Ok(match self {
            Self::Create(account) => Self::Create(complete(account)?),
            Self::Upsert(account) => Self::Upsert(complete(account)?),
            Self::Update(account) => Self::Update(complete(account)?),
            action @ (Self::Delete { .. } | Self::List | Self::Otp { .. } | Self::Ips { .. }) => action,
        })
    }
}

async fn act(app: &App, dir: &Path, action: Action) -> Outcome {
    match action {
        Action::Create(Account { email, password }) => {
            superusers::create(app, &email, &password.unwrap_or_default())
                .await
                .map_err(|error| refused(error, dir))?;
            words::out(format_args!("Made the superuser {email}.\n"));
        }
        Action::Upsert(Account { email, password }) => {
            superusers::upsert(app, &email, &password.unwrap_or_default()).await?;
            words::out(format_args!("Saved the superuser {email}.\n"));
        }
        Action::Update(Account { email, password }) => {
            superusers::update(app, &email, &password.unwrap_or_default()).await?;
            words::out(format_args!("Changed the password of {email}; they have to sign in again.\n"));
        }
        Action::Delete { email } => {
            if superusers::delete(app, &email).await? {
                words::out(format_args!("Deleted the superuser {email}.\n"));
            } else {
                words::out(format_args!("There is no superuser {email}; nothing was changed.\n"));
            }
        }
        Action::Ips { addresses } => {
            let told = match addresses.len() {
                0 => "Superusers may come from everywhere.\n".to_owned(),
                _ => format!("Superusers may come from {} only.\n", addresses.join(", ")),
            };
            let patch = Map::from_iter([("superuserIPs".to_owned(), addresses.into())]);
            settings::update(app, patch).await?;
            words::out(format_args!("{told}"));
        }
        Action::Otp { email } => {
            let made = superusers::one_time_password(app, &email).await?;
            words::out(format_args!(
                "Id        {}\nPassword  {}\nGood once, for {} seconds.\n",
                made.id, made.password, made.seconds
            ));
        }
        Action::List => words::out(format_args!("{}", listed(&superusers::list(app).await?, dir))),
    }
    Ok(())
}

/// Whether a superuser was not made because there is one with this address.
pub(super) fn is_taken(error: &Error) -> bool {
    let fields = error.field_errors().to_json();
    fields.pointer("/email/code").is_some_and(|code| code == "validation_not_unique")
}

/// The usual slip: the address has an account already.
pub(super) fn refused(error: Error, dir: &Path) -> Failure {
    if !is_taken(&error) {
        return Failure::from(error.message_set("No superuser was made"));
    }
    Failure::new("There is a superuser with this address already; nothing was changed.")
        .next(format!("To change the password: {}", words::command("admin upsert EMAIL", dir)))
}

fn listed(superusers: &[Record], dir: &Path) -> String {
    if superusers.is_empty() {
        let command = words::command("admin create you@example.com", dir);
        return format!("There is no superuser yet. Make one: {command}\n");
    }
    let width = superusers.iter().map(|one| one.text("email").chars().count()).max().unwrap_or(0);
    superusers.iter().map(|one| format!("{:<width$}  since {}\n", one.text("email"), one.text("created"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldError, Kind};

    #[test]
    fn an_address_with_an_account_is_told_how_to_change_its_password() {
        let error = Error::invalid("Failed").field("email", FieldError::not_unique());
        let told = refused(error, Path::new("d")).to_string();
        assert!(told.contains("superuser with this address already"), "{told}");
        assert!(told.contains("admin upsert EMAIL --dir d"), "{told}");

        let told = refused(Error::invalid("Failed").field("email", FieldError::required()), Path::new("d")).to_string();
        assert_eq!(told, "No superuser was made.\n  email: Cannot be blank.");
        let told = refused(Error::new(Kind::Internal, ""), Path::new("d")).to_string();
        assert_eq!(told, "No superuser was made.");
    }
}
