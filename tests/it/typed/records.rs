//! Typed inputs become records, and records typed values.

use std::collections::BTreeMap;

use bakend::{
    Collection, DateTime, GeoPoint, Id, Json, NewFile, Relation,
    schema::Value,
    serde_json::json,
    typed::{Input, Loaded},
};

use super::{
    Magazine, loaded,
    models::{Article, Author, Channel, Meta, Stats, Status, Tag},
};

async fn author(magazine: &Magazine, handle: &str) -> Author {
    magazine.create::<Author>(Author::new(format!("{handle}@example.com"), "secret-password", handle)).await
}

#[tokio::test]
async fn every_type_of_field_comes_back_as_it_went() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    let red = magazine.create::<Tag>(Tag::new("red")).await;
    let blue = magazine.create::<Tag>(Tag::new("blue").broader([&red])).await;
    let first = magazine.create::<Article>(Article::new("First", Status::Draft, &ann)).await;
    let when: DateTime = "2024-05-01T08:00:00.123456Z".parse().expect("a moment");
    let input = Article::new("Second", Status::InReview, ann.id.clone())
        .slug("second")
        .body("<p>Hello</p>")
        .rating(4.5)
        .view_count(9_007_199_254_740_991)
        .pages(255)
        .paid(true)
        .channels([Channel::Web, Channel::PrintEdition])
        .tags([&blue, &red])
        .sequel_of(&first)
        .source("https://example.com/a")
        .contact("a@example.com")
        .published_at(when)
        .meta(Some(Meta { words: 12, sources: vec!["x".into()] }))
        .place(GeoPoint::new(13.4, 52.5))
        .cover(NewFile::from_bytes("cover.txt", "a cover"))
        .figures([NewFile::from_bytes("one.txt", "1"), NewFile::from_bytes("two.txt", "2")]);
    let second = magazine.create::<Article>(input).await;
    assert_eq!(second.title, "Second");
    assert_eq!(second.slug, "second");
    assert!(first.slug.len() == 12, "drawn: {}", first.slug);
    assert_eq!(second.body.as_deref(), Some("<p>Hello</p>"));
    assert_eq!((second.rating, second.view_count, second.pages), (Some(4.5), 9_007_199_254_740_991, 255));
    assert!(second.paid && !first.paid);
    assert_eq!(second.status, Status::InReview);
    assert_eq!(second.channels.iter().map(|one| one.0).collect::<Vec<_>>(), [Channel::Web, Channel::PrintEdition]);
    assert_eq!(second.author.id(), &ann.id);
    assert_eq!(second.tags, [Relation::to(&blue), Relation::to(&red)]);
    assert_eq!(second.sequel_of, Some(Relation::to(&first)));
    assert_eq!(second.source.as_ref().map(|url| url.as_str()), Some("https://example.com/a"));
    assert_eq!(second.published_at.map(|at| at.to_string()).as_deref(), Some("2024-05-01 08:00:00.123Z"));
    assert_eq!(second.meta, Json(Some(Meta { words: 12, sources: vec!["x".into()] })));
    assert_eq!(second.place, GeoPoint::new(13.4, 52.5));
    assert!(second.cover.as_ref().is_some_and(|file| file.name().starts_with("cover_")));
    assert_eq!(second.figures.len(), 2);
    let path = second.figures[0].path(&second);
    assert_eq!(path, format!("/api/files/articles/{}/{}", second.id, second.figures[0]));
    assert!(second.created <= second.updated);
    assert_eq!((first.body, first.rating, first.sequel_of, first.published_at), (None, None, None, None));
    assert_eq!((first.meta, first.place), (Json(None), GeoPoint::default()));
    assert!(first.cover.is_none() && first.figures.is_empty() && first.tags.is_empty());
}

#[tokio::test]
async fn an_update_changes_what_is_said_and_nothing_else() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    let (red, blue) = (magazine.create::<Tag>(Tag::new("red")).await, magazine.create::<Tag>(Tag::new("blue")).await);
    let input = Article::new("Title", Status::Draft, &ann)
        .view_count(10)
        .rating(2.0)
        .contact("a@example.com")
        .tags([&red])
        .figures(vec![NewFile::from_bytes("one.txt", "1")]);
    let before = magazine.create::<Article>(input).await;
    let change = Article::update()
        .add_view_count(5)
        .add_rating(-0.5)
        .clear_contact()
        .append_tags([&blue])
        .append_channels([Channel::Mail])
        .status(Status::Published);
    magazine.update(&before.id, change).await;
    let change = Article::update().append_figures(NewFile::from_bytes("two.txt", "2"));
    let after = magazine.update(&before.id, change).await;
    assert_eq!((after.view_count, after.rating, after.contact.is_none()), (15, Some(1.5), true));
    assert_eq!(after.tags, [Relation::to(&red), Relation::to(&blue)]);
    assert_eq!((after.figures.len(), after.channels.len(), after.status.0), (2, 1, Status::Published));
    assert_eq!((after.title.as_str(), &after.slug), ("Title", &before.slug));
    let change = Article::update()
        .remove_tags([&red])
        .remove_figures(&after.figures[..1])
        .prepend_channels([Channel::Web])
        .clear_rating();
    let last = magazine.update(&before.id, change).await;
    assert_eq!((last.tags.len(), last.figures.len(), last.rating), (1, 1, None));
    assert_eq!(last.figures[0], after.figures[1]);
    assert_eq!(last.channels.iter().map(|one| one.0).collect::<Vec<_>>(), [Channel::Web, Channel::Mail]);
}

#[tokio::test]
async fn what_the_schema_refuses_is_refused() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    for (input, field) in [
        (Article::new("No", Status::Draft, &ann), "title"),
        (Article::new("Title", Status::Draft, Id::<Author>::new("nobody000000000")), "author"),
        (Article::new("Title", Status::Draft, &ann).rating(6.0), "rating"),
        (Article::new("Title", Status::Draft, &ann).source("no url"), "source"),
        (Article::new("Title", Status::Draft, &ann).cover(NewFile::from_bytes("a.png", "\u{89}PNG\r\n")), "cover"),
        (
            Article::new("Title", Status::Draft, &ann).channels([Channel::Web, Channel::Mail, Channel::PrintEdition]),
            "channels",
        ),
        (Article::new("Title", Status::Draft, &ann).view_count(i64::MAX), "viewCount"),
    ] {
        let error = magazine.try_create::<Article>(input).await.expect_err(field);
        assert!(error.field_errors().to_json().get(field).is_some(), "{field}: {error}");
    }
    let missing = Article::new("Title", Status::Draft, &ann).cover(NewFile::from_path("/nowhere/at/all.txt"));
    let error = magazine.try_create::<Article>(missing).await.expect_err("no such file");
    assert!(error.message().contains("/nowhere/at/all.txt"), "{error}");
}

#[tokio::test]
async fn accounts_are_made_with_address_and_password() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    assert_eq!(ann.email, "ann@example.com");
    assert!(!ann.verified);
    let changed =
        magazine.update(&ann.id, Author::update().verified(true).name("Ann").password("another-password")).await;
    assert!(changed.verified && changed.name.as_deref() == Some("Ann"));
    let body = Author::update().old_password("a").password("b").into_body();
    assert_eq!(
        *body.json(),
        *json!({"oldPassword": "a", "password": "b", "passwordConfirm": "b"}).as_object().expect("an object")
    );
}

#[tokio::test]
async fn relations_hold_the_records_they_were_expanded_to() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    let red = magazine.create::<Tag>(Tag::new("red")).await;
    let article = magazine.create::<Article>(Article::new("Title", Status::Draft, &ann).tags([&red])).await;
    let plain = magazine.record::<Article>(article.id.as_str()).await;
    let one = Loaded { record: magazine.record::<Author>(ann.id.as_str()).await, expand: BTreeMap::new() };
    let expand = BTreeMap::from([
        ("author".to_owned(), vec![one.into()]),
        ("tags".to_owned(), vec![loaded(magazine.record::<Tag>(red.id.as_str()).await)]),
    ]);
    let read = Article::from_loaded(&Loaded { record: plain, expand }).expect("it fits");
    assert_eq!(read.author.record().map(|author| author.handle.as_str()), Some("ann"));
    assert_eq!(read.tags[0].record().map(|tag| tag.name.as_str()), Some("red"));
    assert!(article.author.record().is_none());
}

#[tokio::test]
async fn a_typed_record_is_written_back_into_the_untyped_one() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    let id = magazine.create::<Article>(Article::new("Title", Status::Draft, &ann)).await.id;
    let mut record = magazine.record::<Article>(id.as_str()).await;
    let mut article = Article::from_record(&record).expect("it fits");
    article.title = "Other".into();
    article.status = Status::Published.into();
    article.rating = Some(3.0);
    article.similar = vec![Relation::to(&id)];
    article.write_to(&mut record);
    assert_eq!(record.text("title"), "Other");
    assert_eq!(record.get("status"), Some(&Value::Text("published".into())));
    assert_eq!(record.get("similar"), Some(&Value::List(vec![id.into_string()])));
    assert_eq!(Article::from_record(&record).expect("it still fits").rating, Some(3.0));
}

#[tokio::test]
async fn what_does_not_fit_the_type_is_told_with_record_and_field() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    let id = magazine.create::<Article>(Article::new("Title", Status::Draft, &ann)).await.id;
    let record = magazine.record::<Article>(id.as_str()).await;
    for (field, value, told) in [
        ("status", Value::Text("gone".into()), "holds \"gone\", which is not one of draft, in-review, published"),
        ("author", Value::Text(String::new()), "holds nothing, which is not a reference"),
        ("pages", Value::Number(1.5), "holds 1.5, which is not a whole number of 8 bits"),
        ("pages", Value::Number(256.0), "holds 256, which is not a whole number of 8 bits"),
        ("created", Value::Text("soon".into()), "holds \"soon\", which is not a moment"),
    ] {
        let mut record = record.clone();
        record.set(field, value);
        let error = Article::from_record(&record).expect_err(field);
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert_eq!(source, format!("articles/{id}: the field {field:?} {told}"));
    }
    let other = magazine.record::<Author>(ann.id.as_str()).await;
    let error = Article::from_record(&other).expect_err("another collection");
    assert!(format!("{error:?}").contains("is not a field of the collection"), "{error:?}");
}

#[tokio::test]
async fn a_row_of_a_view_is_typed_too() {
    let magazine = Magazine::open().await;
    let ann = author(&magazine, "ann").await;
    let article = magazine.create::<Article>(Article::new("Title", Status::Draft, &ann).view_count(21)).await;
    let stats: Stats = magazine.get(article.id.as_str()).await.expect("it fits");
    assert_eq!((stats.title.as_str(), stats.author.id(), stats.writers, stats.twice), ("Title", &ann.id, 1, 42.0));
}
