//! What the code says becomes collections, also over those that are there.

use bakend::{
    Collection,
    schema::{CollectionKind, FieldKind, Schema},
    serde_json::json,
    typed,
};

use super::{
    Magazine, definitions,
    models::{Article, Author, Stats, Tag},
};

#[tokio::test]
async fn what_the_code_says_is_what_the_database_gets() {
    let magazine = Magazine::open().await;
    let articles = magazine.collection::<Article>();
    let names: Vec<&str> = articles.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "id",
            "title",
            "slug",
            "body",
            "rating",
            "viewCount",
            "pages",
            "paid",
            "status",
            "channels",
            "author",
            "tags",
            "sequelOf",
            "similar",
            "source",
            "contact",
            "publishedAt",
            "meta",
            "place",
            "cover",
            "figures",
            "created",
            "updated"
        ]
    );
    let json = articles.to_json();
    let field = |name: &str| {
        let at = articles.position(name).unwrap_or_else(|| panic!("no {name}"));
        json["fields"][at].clone()
    };
    for (name, key, value) in [
        ("title", "min", json!(3)),
        ("title", "max", json!(200)),
        ("title", "presentable", json!(true)),
        ("title", "required", json!(true)),
        ("title", "help", json!("The headline.")),
        ("slug", "autogeneratePattern", json!("[a-z]{12}")),
        ("body", "convertURLs", json!(true)),
        ("body", "maxSize", json!(100_000)),
        ("body", "required", json!(false)),
        ("rating", "max", json!(5)),
        ("rating", "onlyInt", json!(false)),
        ("viewCount", "onlyInt", json!(true)),
        ("viewCount", "required", json!(false)),
        ("pages", "max", json!(255)),
        ("paid", "hidden", json!(true)),
        ("status", "values", json!(["draft", "in-review", "published"])),
        ("status", "maxSelect", json!(1)),
        ("channels", "values", json!(["web", "print-edition", "mail"])),
        ("channels", "maxSelect", json!(2)),
        ("author", "cascadeDelete", json!(true)),
        ("author", "collectionId", json!(magazine.collection::<Author>().id)),
        ("tags", "maxSelect", json!(999)),
        ("sequelOf", "collectionId", json!(articles.id)),
        ("publishedAt", "min", json!("2000-01-01 00:00:00.000Z")),
        ("cover", "mimeTypes", json!(["text/plain"])),
        ("figures", "thumbs", json!(["100x100", "0x50f"])),
        ("figures", "protected", json!(true)),
        ("figures", "maxSelect", json!(99)),
        ("created", "onUpdate", json!(false)),
        ("updated", "onUpdate", json!(true)),
    ] {
        assert_eq!(field(name)[key], value, "{name}.{key}");
    }
    assert_eq!(articles.rules.create.as_deref(), Some("@request.auth.id != ''"));
    assert_eq!(
        articles.indexes,
        [
            "CREATE INDEX `idx_articles_author_created` ON `articles` (\n  `author`,\n  `created` DESC\n)",
            "CREATE UNIQUE INDEX `idx_articles_by_slug` ON `articles` (`slug` COLLATE NOCASE) WHERE slug != ''",
        ]
    );
}

#[tokio::test]
async fn options_of_auth_that_are_not_said_stay_as_they_are() {
    let magazine = Magazine::open().await;
    let authors = magazine.collection::<Author>();
    let auth = authors.auth.as_deref().expect("accounts").clone();
    assert_eq!(auth.auth_rule.as_deref(), Some("verified = true || emailVisibility = true"));
    assert_eq!(auth.manage_rule.as_deref(), Some("@request.auth.role = 'chief'"));
    assert_eq!(auth.password_auth.identity_fields, ["email", "handle"]);
    assert_eq!(auth.auth_token.duration, 3600);
    assert!(auth.otp.enabled && auth.otp.length == 6 && auth.otp.duration == 180);
    assert_eq!(auth.verification_template.subject, "Prove it, {APP_NAME}");
    assert!(auth.verification_template.body.contains("{TOKEN}"), "the body was not said and is the standard one");
    assert_eq!(authors.field("email").map(|field| field.required), Some(true));
    assert!(authors.field("password").is_some_and(|field| field.system && field.hidden));
    magazine.bring_about().await;
    assert_eq!(magazine.collection::<Author>().auth.as_deref(), Some(&auth), "secrets too");
}

#[test]
fn passkeys_and_codes_of_apps_are_said_like_other_ways_to_sign_in() {
    mod before {
        use bakend::{Collection, Id};

        #[derive(Collection)]
        #[collection(
            name = "members",
            auth(passkey(rp_id = "example.com", origins = ["https://app.example.com", "https://example.com:8443"]), totp, mfa)
        )]
        pub struct Member {
            pub id: Id<Member>,
        }
    }
    mod after {
        use bakend::{Collection, Id};

        #[derive(Collection)]
        #[collection(name = "members", auth(passkey = false, password))]
        pub struct Member {
            pub id: Id<Member>,
        }
    }
    let made = |definition: typed::Definition, schema: &Schema| {
        typed::collections(&[definition], schema).expect("it fits").remove(0)
    };
    let first = made(before::Member::definition(), &Schema::default());
    let auth = first.auth.as_deref().expect("accounts");
    assert!(auth.passkey.enabled && auth.totp.enabled && auth.mfa.enabled);
    assert_eq!(auth.passkey.rp_id, "example.com");
    assert_eq!(auth.passkey.origins, ["https://app.example.com", "https://example.com:8443"]);
    let schema = Schema::new(1, vec![first.clone().into()]);
    assert_eq!(made(before::Member::definition(), &schema), first);
    let second = made(after::Member::definition(), &schema);
    let auth = second.auth.as_deref().expect("accounts");
    assert!(!auth.passkey.enabled && auth.totp.enabled, "what is not said stays");
    assert_eq!((auth.passkey.rp_id.as_str(), auth.passkey.origins.len()), ("example.com", 2));
}

#[tokio::test]
async fn definitions_over_what_they_made_change_nothing() {
    let magazine = Magazine::open().await;
    let schema = magazine.app.schema();
    for made in typed::collections(&definitions(), &schema).expect("they fit") {
        let stored = schema.find(&made.name).expect("stored");
        if !made.is_view() {
            assert_eq!(made, **stored);
        }
    }
}

#[test]
fn a_renamed_field_keeps_its_id_and_a_renamed_collection_its_own() {
    mod before {
        use bakend::{Collection, Id};

        #[derive(Collection)]
        #[collection(name = "notes")]
        pub struct Note {
            pub id: Id<Note>,
            pub heading: String,
        }
    }
    mod after {
        use bakend::{Collection, Id};

        #[derive(Collection)]
        #[collection(name = "memos", renamed_from = "notes")]
        pub struct Note {
            pub id: Id<Note>,
            #[field(renamed_from = "heading", required = false)]
            pub title: String,
        }
    }
    let old = typed::collections(&[before::Note::definition()], &Schema::default()).expect("made").remove(0);
    let schema = Schema::new(1, vec![old.clone().into()]);
    let new = typed::collections(&[after::Note::definition()], &schema).expect("made").remove(0);
    assert_eq!((new.id.as_str(), new.name.as_str()), (old.id.as_str(), "memos"));
    let (old, new) = (old.field("heading").expect("there"), new.field("title").expect("there"));
    assert_eq!(old.id, new.id);
    assert!(old.required && !new.required);
}

#[test]
fn what_does_not_fit_together_is_told() {
    let told = |definitions: &[typed::Definition], schema: &Schema| {
        typed::collections(definitions, schema).expect_err("refused").message().to_owned()
    };
    let alone = told(&[Tag::definition(), Article::definition()], &Schema::default());
    assert!(alone.contains("articles.author points at the collection \"authors\""), "{alone}");
    let twice = told(&[Tag::definition(), Tag::definition()], &Schema::default());
    assert!(twice.contains("Two types are named \"tags\""), "{twice}");
    let mut other = bakend::schema::Collection::new("tags", CollectionKind::Auth);
    other.complete(None, &Schema::default());
    let kind = told(&[Tag::definition()], &Schema::new(1, vec![other.into()]));
    assert!(kind.contains("stored as auth and the code says base"), "{kind}");
}

#[tokio::test]
async fn a_view_has_the_fields_of_its_query() {
    let magazine = Magazine::open().await;
    let stats = magazine.collection::<Stats>();
    assert_eq!(Stats::KIND, CollectionKind::View);
    let names: Vec<&str> = stats.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["id", "title", "author", "writers", "twice"]);
    assert!(matches!(stats.fields[2].kind, FieldKind::Relation(_)));
}
