//! What can be typed, and what the program says about it.

use std::path::Path;

use clap::error::ErrorKind;

use super::{
    Program, called,
    options::{self, Cli, Command, Durability},
    parse,
};

fn typed(line: &str) -> Result<Cli, clap::Error> {
    parse(options::command("bak"), std::iter::once("bak").chain(line.split_whitespace()))
}

fn help(line: &str) -> String {
    let shown = typed(line).expect_err("help is shown instead");
    assert_eq!(shown.kind(), ErrorKind::DisplayHelp, "{line}");
    shown.to_string()
}

#[test]
fn the_definition_is_sound() {
    options::command("bak").debug_assert();
}

#[test]
fn a_program_goes_by_the_name_of_its_file_and_its_own_version() {
    for (started_as, name) in [("/usr/local/bin/shop", "shop"), ("./my.shop", "my.shop"), ("bak", "bak"), ("", "bak")] {
        let started_as = format!("{started_as}{}", if name == "bak" { "" } else { std::env::consts::EXE_SUFFIX });
        assert_eq!(called(Some(started_as.into())), name);
    }
    assert_eq!(called(None), "bak");
    let shown = |program: &Program, line: &str| {
        let shown = parse(program.command("shop"), std::iter::once("shop").chain(line.split_whitespace()));
        shown.expect_err("it is shown instead").to_string()
    };
    let own = Program { version: Some("3.2.1".to_owned()), ..program() };
    assert_eq!(shown(&own, "--version"), "shop 3.2.1\n");
    assert_eq!(shown(&program(), "--version"), format!("shop {}\n", env!("CARGO_PKG_VERSION")));
    for (line, usage) in [("--help", "Usage: shop [OPTIONS]"), ("admin list --help", "Usage: shop admin list")] {
        let text = shown(&own, line);
        assert!(text.contains(usage) && !text.contains("bak ") && !text.contains("`bak`"), "{text}");
    }
}

/// A program that says nothing of its own.
fn program() -> Program {
    Program {
        version: None,
        dir: None,
        migrations_dir: None,
        origins: None,
        synchronous_full: false,
        without_panel: false,
        definitions: Vec::new(),
        migrators: Vec::new(),
        open: Box::new(|_, _| unreachable!("only the command line is read")),
    }
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
fn what_the_program_says_is_the_default_and_flags_come_before_it() {
    let own = || Program {
        dir: Some("shop_data".into()),
        migrations_dir: Some("shop_migrations".into()),
        origins: Some(vec!["https://shop.example".to_owned()]),
        synchronous_full: true,
        ..program()
    };
    let typed = |line: &str| {
        let cli = parse(own().command("shop"), std::iter::once("shop").chain(line.split_whitespace())).expect(line);
        let start = match cli.command {
            Some(Command::Start(start)) => start,
            _ => cli.start,
        };
        (cli.place.dir, start.origins, start.durability)
    };
    let said = |dir: &str| (dir.into(), vec!["https://shop.example".to_owned()], Durability::Full);
    assert_eq!(typed(""), said("shop_data"));
    assert_eq!(typed("start"), said("shop_data"));
    assert_eq!(typed("admin list").0, Path::new("shop_data"));
    assert_eq!(typed("--dir d"), said("d"));
    assert_eq!(typed("start --dir d"), said("d"));
    let other = typed("start --origins https://a.example --durability normal");
    assert_eq!((other.1, other.2), (vec!["https://a.example".to_owned()], Durability::Normal));
    for (line, folder) in [("", "shop_migrations"), ("migrate up", "shop_migrations"), ("start --migrations m", "m")] {
        let cli = parse(own().command("shop"), std::iter::once("shop").chain(line.split_whitespace())).expect(line);
        assert_eq!(cli.place.migrations, Path::new(folder), "{line}");
    }
    let cli = parse(program().command("shop"), ["shop"]).expect("nothing is asked for");
    assert_eq!(cli.place.dir, Path::new(super::DIR_DEFAULT));
    assert_eq!(cli.place.migrations, Path::new(super::options::MIGRATIONS_DEFAULT));
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
        "sdk ts --out src/bakend",
        "sdk ts --out src/bakend --force --dir d",
        "sdk ts --out src/bakend --url https://example.com",
        "sdk ts --out src/bakend --from openapi.json",
        "openapi",
        "openapi --dir d",
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
        ("sdk ts", ErrorKind::MissingRequiredArgument, "--out"),
        ("sdk ts --out d --url u --from f", ErrorKind::ArgumentConflict, "--from"),
        ("sdk cobol --out d", ErrorKind::InvalidSubcommand, "cobol"),
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
        ("sdk ts --help", &["--out <DIR>", "--url <URL>", "--from <FILE>", "--force", "BAK_TOKEN", "BAK_ADMIN_EMAIL"]),
        ("import pocketbase --help", &["<SRC>", "PocketBase 0.23"]),
    ] {
        let text = help(line);
        for part in parts {
            assert!(text.contains(part), "`bak {line}` does not mention {part}:\n{text}");
        }
    }
}
