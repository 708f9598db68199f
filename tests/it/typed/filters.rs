//! Typed filters, sorts and expands: their text, and what the database makes of it.

use bakend::{
    DateTime, GeoPoint,
    typed::{Expand, Filter, Moment, Sort},
};

use super::{
    Magazine,
    models::{Article, Author, Channel, Status, Tag},
};

#[test]
fn expressions_print_as_filter_text() {
    let ann = bakend::Id::<Author>::new("ann");
    let day: DateTime = "2024-05-01".parse().expect("a day");
    for (filter, text) in [
        (Article::title.contains("x") & Article::author.eq(&ann), "title ~ '%x%' && author = 'ann'"),
        (Article::title.eq("a") | Article::title.ne("b"), "title = 'a' || title != 'b'"),
        (
            (Article::paid.eq(true) | Article::pages.gt(3)) & Article::rating.le(4.5),
            "(paid = true || pages > 3) && rating <= 4.5",
        ),
        (Article::title.eq("it's \\ \"50%\""), r#"title = 'it\'s \\ "50%"'"#),
        (Article::title.contains("50%_\\"), r"title ~ '%50\\%\\_\\\\%'"),
        (Article::title.starts_with("a") & Article::slug.ends_with("z"), "title ~ 'a%' && slug ~ '%z'"),
        (Article::title.lower().eq("abc"), "title:lower = 'abc'"),
        (Article::status.eq(Status::InReview), "status = 'in-review'"),
        (Article::status.is_in([Status::Draft, Status::Published]), "status = 'draft' || status = 'published'"),
        (Article::status.not_in([Status::Draft, Status::Published]), "status != 'draft' && status != 'published'"),
        (Article::channels.has(Channel::Mail), "channels:each ?= 'mail'"),
        (Article::channels.all().eq(Channel::Mail), "channels:each = 'mail'"),
        (Article::channels.count().ge(2), "channels:length >= 2"),
        (Article::tags.is_empty() & Article::sequel_of.is_set(), "tags:length = 0 && sequelOf != ''"),
        (Article::author.then(Author::handle).eq("ann"), "author.handle = 'ann'"),
        (Article::tags.then(Tag::name).any().eq("red"), "tags.name ?= 'red'"),
        (Article::sequel_of.then(Article::author).then(Author::email).is_set(), "sequelOf.author.email != ''"),
        (Article::published_at.lt(Moment::TodayStart), "publishedAt < @todayStart"),
        (Article::created.between(day, Moment::Now), "created >= '2024-05-01 00:00:00.000Z' && created <= @now"),
        (Article::updated.gt(Article::created), "updated > created"),
        (Article::meta.at("words").ge(10), "meta.words >= 10"),
        (Article::meta.is_null(), "meta = null"),
        (
            Article::place.distance_km(GeoPoint::new(13.4, -52.5)).lt(10.0),
            "geoDistance(place.lon, place.lat, 13.4, -52.5) < 10",
        ),
        (Filter::all([]), "1 = 1"),
        (Filter::any([]), "1 = 0"),
        (!(Article::title.eq("a") & Article::rating.gt(1)), "title != 'a' || rating <= 1"),
        (!Article::channels.has(Channel::Mail), "channels:each != 'mail'"),
        (!!Article::tags.then(Tag::name).any().eq("red"), "tags.name ?= 'red'"),
    ] {
        assert_eq!(filter.to_string(), text);
        assert_eq!(Filter::<Article>::parse(text).expect(text).to_string(), text);
    }
    let back: Filter<Author> = Article::author.back().then(Article::title).any().contains("x");
    assert_eq!(back.to_string(), "articles_via_author.title ?~ '%x%'");
    assert!(Filter::<Article>::parse("title =").is_err());
}

#[test]
fn sorts_and_expands_print_as_their_text() {
    assert_eq!(Article::created.desc().then(Article::title.asc()).to_string(), "-created,title");
    assert_eq!(Article::author.then(Author::handle).desc().to_string(), "-author.handle");
    assert_eq!(Sort::<Article>::random().to_string(), "@random");
    let expand: Expand<Article> =
        Article::author.expand().and(Article::sequel_of.then(Article::author)).and(Article::tags);
    assert_eq!(expand.to_string(), "author,sequelOf.author,tags");
    let back: Expand<Author> = Article::author.back().into();
    assert_eq!(back.to_string(), "articles_via_author");
}

async fn filled() -> Magazine {
    let magazine = Magazine::open().await;
    let ann = magazine.create::<Author>(Author::new("ann@example.com", "secret-password", "ann")).await;
    let bob = magazine.create::<Author>(Author::new("bob@example.com", "secret-password", "bob").name("Bob")).await;
    let red = magazine.create::<Tag>(Tag::new("red")).await;
    let blue = magazine.create::<Tag>(Tag::new("blue")).await;
    let articles = [
        Article::new("50% of it", Status::Draft, &ann).id("article00000001").tags([&red]).rating(1.0),
        Article::new("500 of it", Status::Published, &ann)
            .id("article00000002")
            .tags([&red, &blue])
            .channels([Channel::Web])
            .place(GeoPoint::new(13.4, 52.5)),
        Article::new("it's ' || 1 = 1 || '", Status::Published, &bob)
            .id("article00000003")
            .sequel_of(bakend::Id::<Article>::new("article00000001"))
            .channels([Channel::Web, Channel::Mail])
            .rating(3.0),
    ];
    for article in articles {
        magazine.create::<Article>(article).await;
    }
    magazine
}

#[tokio::test]
async fn the_database_understands_every_expression() {
    let magazine = filled().await;
    for (filter, found) in [
        (Article::title.contains("50%"), "1"),
        (Article::title.contains("50"), "12"),
        (Article::title.eq("it's ' || 1 = 1 || '"), "3"),
        (Article::title.eq("' || 1 = 1 || '"), ""),
        (Article::title.starts_with("50") & !Article::status.eq(Status::Draft), "2"),
        (Article::author.then(Author::name).eq("Bob"), "3"),
        (Article::tags.then(Tag::name).any().eq("blue"), "2"),
        (Article::tags.then(Tag::name).eq("red"), "1"),
        (Article::tags.is_empty(), "3"),
        (Article::tags.count().gt(1), "2"),
        (Article::channels.has(Channel::Web), "23"),
        (Article::channels.all().eq(Channel::Web), "2"),
        (Article::sequel_of.then(Article::title).starts_with("50"), "3"),
        (Article::sequel_of.is_empty(), "12"),
        (Article::status.is_in([Status::Draft, Status::InReview]), "1"),
        (Article::status.is_in::<Status>([]), ""),
        (Article::rating.ge(1) & Article::rating.lt(3), "1"),
        (Article::rating.eq(f64::NAN), ""),
        (Article::rating.lt(f64::INFINITY), "123"),
        (Article::created.le(Moment::Now) & Article::created.gt(Moment::Yesterday), "123"),
        (Article::place.distance_km(GeoPoint::new(13.5, 52.5)).lt(10.0), "2"),
        (Article::meta.is_null(), "123"),
    ] {
        let ids = magazine.ids::<Article>(&filter.to_string(), "id").await;
        let last: String = ids.iter().filter_map(|id| id.chars().last()).collect();
        assert_eq!(last, found, "{filter}");
        // What a filter leaves out its opposite finds, and nothing else.
        let others = magazine.ids::<Article>(&(!filter.clone()).to_string(), "id").await;
        assert!(others.iter().all(|id| !ids.contains(id)), "{filter}: both hold for one record");
        let missing_values = filter.to_string().contains("sequelOf.");
        assert!(missing_values || ids.len() + others.len() == 3, "{filter}: {ids:?} {others:?}");
    }
    let sort = Article::author.then(Author::handle).desc().then(Article::title.asc());
    let ids = magazine.ids::<Article>("", &sort.to_string()).await;
    assert_eq!(ids, ["article00000003", "article00000001", "article00000002"]);
    let back = Article::author.back().then(Article::rating).any().ge(3);
    assert_eq!(magazine.ids::<Author>(&back.to_string(), "").await.len(), 1);
}
