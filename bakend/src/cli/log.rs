//! The log: on stderr, warnings and errors unless `BAK_LOG` says otherwise.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::failure::{Failure, Outcome};

/// The variable that chooses what is logged.
const VARIABLE: &str = "BAK_LOG";
/// What is logged without it.
const DEFAULT: &str = "warn";

/// Starts to log; a program that logs already keeps its own way.
pub(super) fn install() -> Outcome {
    let directives = std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
    let is_terminal = std::io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter(&directives)?)
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .finish();
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        tracing::debug!("the log was set up before");
    }
    Ok(())
}

fn filter(directives: &str) -> Outcome<EnvFilter> {
    EnvFilter::try_new(directives).map_err(|error| {
        Failure::new(format!("{VARIABLE}={directives} cannot be understood: {error}."))
            .next(format!("Use error, warn, info, debug or trace, or pairs as in {VARIABLE}=warn,bakend=debug"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_filter_is_refused_with_examples() {
        assert!(filter("warn,bakend=debug").is_ok());
        let refused = filter("bakend=loud").expect_err("no such level").to_string();
        assert!(refused.contains("BAK_LOG=bakend=loud") && refused.contains("error, warn, info"), "{refused}");
    }
}
