//! Where a superuser's password comes from: the argument, else `BAK_ADMIN_PASSWORD`, else the terminal.

use std::io::{self, IsTerminal as _};

use super::{
    failure::{Failure, Outcome},
    words,
};

/// The variable that holds the password.
pub(super) const VARIABLE: &str = "BAK_ADMIN_PASSWORD";

/// The password for an account; asks twice, so that a slip of the finger locks nobody out.
pub(super) fn obtain(argument: Option<String>, email: &str) -> Outcome<String> {
    let variable = std::env::var(VARIABLE).ok();
    if let Some(password) = given(argument, variable) {
        return Ok(password);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::new(format!("There is no password for {email}, and no terminal to ask for one."))
            .next(format!("Write it after the address, or set {VARIABLE}.")));
    }
    words::err(format_args!("Password for {email} (at least 8 characters; it is not shown)\n"));
    let first = ask("  password: ")?;
    if first != ask("  once more: ")? {
        return Err(Failure::new("The two passwords differ; nothing was changed.").next("Try again."));
    }
    Ok(first)
}

fn given(argument: Option<String>, variable: Option<String>) -> Option<String> {
    argument.or(variable.filter(|password| !password.is_empty()))
}

fn ask(prompt: &str) -> Outcome<String> {
    rpassword::prompt_password(prompt).map_err(|error| {
        Failure::new(format!("The password could not be read: {error}."))
            .next(format!("Write it after the address, or set {VARIABLE}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_comes_before_the_variable_and_an_empty_variable_is_none() {
        let some = |text: &str| Some(text.to_owned());
        for (argument, variable, expected) in [
            (some("a"), some("b"), some("a")),
            (None, some("b"), some("b")),
            (None, some(""), None),
            (some(""), some("b"), some("")),
            (None, None, None),
        ] {
            assert_eq!(given(argument.clone(), variable.clone()), expected, "{argument:?} {variable:?}");
        }
    }
}
