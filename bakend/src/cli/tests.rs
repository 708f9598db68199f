//! What can be typed, and what the program says about it.

use std::path::Path;

use clap::{CommandFactory as _, error::ErrorKind};

use super::{
    options::{Cli, Command, Durability},
    parse,
};

fn typed(line: &str) -> Result<Cli, clap::Error> {
    parse(Cli::command(), std::iter::once("bak").chain(line.split_whitespace()))
}

fn help(line: &str) -> String {
    let shown = typed(line).expect_err("help is shown instead");
    assert_eq!(shown.kind(), ErrorKind::DisplayHelp, "{line}");
    shown.to_string()
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn without_a_command_the_server_starts_with_the_same_flags() {
    for line in [
        "--http 127.0.0.1:1 --origins a.com,b.com --durability full --dir d",
        "start --http 127.0.0.1:1 --origins a.com,b.com --durability full --dir d",
        "--dir d start --http 127.0.0.1:1 --origins a.com,b.com --durability full",
    ] {
        let cli = typed(line).expect(line);
        assert_eq!(cli.place.dir, Path::new("d"), "{line}");
        let start = match cli.command {
            Some(Command::Start(start)) => start,
            None => cli.start,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(start.http.to_string(), "127.0.0.1:1", "{line}");
        assert_eq!(start.origins, ["a.com", "b.com"], "{line}");
        assert_eq!(start.durability, Durability::Full, "{line}");
    }
}

#[test]
fn every_command_of_the_manual_is_understood() {
    for line in [
        "",
        "start",
        "init",
        "init --admin a@b.co",
        "init --rust my-app",
        "init --rust apps/my-app --bakend ../bakend",
        "admin create a@b.co",
        "admin create a@b.co secret-1 --dir d",
        "superuser upsert a@b.co secret-1",
        "admin update a@b.co",
        "admin delete a@b.co",
        "admin list",
        "files status",
        "files check",
        "files move --to s3",
        "files move --to local --dir d",
        "start --public web",
        "migrate",
        "migrate up",
        "migrate up 2",
        "migrate down",
        "migrate down 3",
        "migrate status --dir d --migrations m",
        "migrate create add_tags --json",
        "migrate diff",
        "migrate diff catch_up",
        "migrate snapshot v1",
        "migrate collections",
        "migrate accept 1.json 2.sql",
        "migrate forget",
        "migrate apply --allow-destructive",
        "start --apply-migrations off --write-migrations on",
        "import pocketbase pb_data --dir d",
        "--database sqlite: start",
    ] {
        assert!(typed(line).is_ok(), "{line}: {:?}", typed(line).err());
    }
}

#[test]
fn a_wrong_line_is_refused_with_the_reason() {
    for (line, kind, part) in [
        ("--http 1.2.3.4:80 admin list", ErrorKind::ArgumentConflict, "--http cannot stand before `admin`"),
        ("--durability full start", ErrorKind::ArgumentConflict, "write it after `start`"),
        ("start --http nope:port", ErrorKind::ValueValidation, "`port` is no port"),
        ("--database postgres://host/db", ErrorKind::ValueValidation, "this build has SQLite only"),
        ("start --durability never", ErrorKind::InvalidValue, "normal, full"),
        ("admin create", ErrorKind::MissingRequiredArgument, "EMAIL"),
        (
            "--write-migrations off migrate up",
            ErrorKind::ArgumentConflict,
            "--write-migrations cannot stand before `migrate`",
        ),
        ("migrate down x", ErrorKind::ValueValidation, "invalid digit"),
        ("migrate accept", ErrorKind::MissingRequiredArgument, "NAMES"),
        ("serve", ErrorKind::InvalidSubcommand, "serve"),
        ("import", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, "pocketbase"),
    ] {
        let refused = typed(line).expect_err(line);
        assert_eq!(refused.kind(), kind, "{line}: {refused}");
        assert!(refused.to_string().contains(part), "{line}: {refused}");
    }
}

#[test]
fn help_names_every_command_flag_and_variable() {
    for (line, parts) in [
        (
            "--help",
            &["start ", "init ", "admin ", "migrate ", "import ", "--http", "--dir", "Without a command, `bak` starts"]
                [..],
        ),
        (
            "start --help",
            &[
                "BAK_HTTP",
                "127.0.0.1:8090",
                "BAK_DIR",
                "bak_data",
                "BAK_DATABASE",
                "BAK_ORIGINS",
                "BAK_SMTP_ROOTS",
                "BAK_DURABILITY",
                "- normal",
                "- full",
                "BAK_APPLY_MIGRATIONS",
                "BAK_WRITE_MIGRATIONS",
                "- auto",
            ],
        ),
        ("init --help", &["--admin <EMAIL>", "BAK_ADMIN_PASSWORD", "--rust <NAME>"]),
        ("admin --help", &["create ", "upsert ", "update ", "delete ", "list ", "otp "]),
        ("admin create --help", &["<EMAIL> [PASSWORD]", "BAK_ADMIN_PASSWORD"]),
        (
            "migrate --help",
            &[
                "up ",
                "down ",
                "status ",
                "create ",
                "diff ",
                "snapshot ",
                "accept ",
                "forget ",
                "apply ",
                "BAK_MIGRATIONS",
            ],
        ),
        ("import pocketbase --help", &["<SRC>", "PocketBase 0.23"]),
    ] {
        let text = help(line);
        for part in parts {
            assert!(text.contains(part), "`bak {line}` does not mention {part}:\n{text}");
        }
    }
}
