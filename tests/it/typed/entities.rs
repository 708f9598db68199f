//! SeaORM queries over the tables of typed collections.

use bakend::{
    GeoPoint, NewFile,
    sea_orm::{
        ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, JoinType, ModelTrait as _,
        PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationTrait as _, Set,
    },
    serde_json::json,
};

use super::{
    Magazine,
    models::{Article, Author, Channel, Meta, Status, Tag, article_entity, author_entity, stats_entity, tag_entity},
};

async fn filled() -> (Magazine, Author, Article) {
    let magazine = Magazine::open().await;
    let ann = magazine.create::<Author>(Author::new("ann@example.com", "secret-password", "ann")).await;
    let red = magazine.create::<Tag>(Tag::new("red")).await;
    let blue = magazine.create::<Tag>(Tag::new("blue").broader([&red])).await;
    let first = magazine.create::<Article>(Article::new("First", Status::Draft, &ann).rating(2.0)).await;
    let second = Article::new("Second", Status::Published, &ann)
        .rating(2.5)
        .view_count(7)
        .paid(true)
        .channels([Channel::Web, Channel::Mail])
        .tags([&blue, &red])
        .sequel_of(&first)
        .similar([&first])
        .meta(Some(Meta { words: 3, sources: vec![] }))
        .place(GeoPoint::new(1.5, 2.0))
        .figures([NewFile::from_bytes("one.txt", "1")]);
    let second = magazine.create::<Article>(second).await;
    (magazine, ann, second)
}

#[tokio::test]
async fn a_model_holds_what_the_table_holds() {
    let (magazine, ann, second) = filled().await;
    let found = article_entity::Entity::find_by_id(second.id.as_str()).one(magazine.app.db()).await;
    let model = found.expect("the query runs").expect("it is there");
    assert_eq!(model.title, "Second");
    assert_eq!((model.rating.0, model.view_count, model.pages, model.paid), (2.5, 7, 0, true));
    assert_eq!(model.author.as_deref(), Some(ann.id.as_str()));
    assert_eq!(model.status, "published");
    assert_eq!(model.channels.0, ["web", "mail"]);
    assert_eq!(model.meta, Some(json!({"words": 3, "sources": []})));
    assert_eq!((model.place.lon, model.place.lat), (1.5, 2.0));
    assert_eq!(model.figures.0, [second.figures[0].name()]);
    assert_eq!(model.created, second.created.to_string());
    assert_eq!((model.published_at.as_str(), model.cover.as_str()), ("", ""));
    let first = article_entity::Entity::find().filter(article_entity::Column::Title.eq("First"));
    let first = first.one(magazine.app.db()).await.expect("the query runs").expect("it is there");
    assert_eq!((first.rating.0, first.meta, first.sequel_of, first.channels.0.len()), (2.0, None, None, 0));
    let account = author_entity::Entity::find().one(magazine.app.db()).await.expect("runs").expect("there");
    assert_eq!((account.email.as_str(), account.verified, account.email_visibility), ("ann@example.com", false, false));
    assert!(account.password.starts_with("$argon2"));
}

#[tokio::test]
async fn relations_are_joined_both_ways() {
    let (magazine, ann, second) = filled().await;
    let db = magazine.app.db();
    let with_authors = article_entity::Entity::find()
        .find_also_related(author_entity::Entity)
        .order_by_asc(article_entity::Column::Title)
        .all(db)
        .await
        .expect("the query runs");
    let names: Vec<_> = with_authors
        .iter()
        .map(|(article, author)| (&article.title[..], author.as_ref().map(|one| &one.handle[..])))
        .collect();
    assert_eq!(names, [("First", Some("ann")), ("Second", Some("ann"))]);
    let model = with_authors.into_iter().nth(1).expect("two").0;
    let tags = model.find_related(tag_entity::Entity).order_by_asc(tag_entity::Column::Name).all(db).await;
    assert_eq!(tags.expect("runs").iter().map(|tag| &tag.name[..]).collect::<Vec<_>>(), ["blue", "red"]);
    let earlier = model.find_linked(article_entity::SequelOfLink).one(db).await.expect("runs").expect("there");
    assert_eq!(earlier.title, "First");
    let later = earlier.find_linked(article_entity::SequelOfBack).one(db).await.expect("runs").expect("there");
    assert_eq!(later.id, second.id.as_str());
    let similar = earlier.find_linked(article_entity::SimilarBack).one(db).await.expect("runs").expect("there");
    assert_eq!(similar.id, second.id.as_str());
    let author = author_entity::Entity::find_by_id(ann.id.as_str()).one(db).await.expect("runs").expect("there");
    assert_eq!(author.find_linked(article_entity::AuthorBack).count(db).await.expect("runs"), 2);
    let red = tag_entity::Entity::find()
        .filter(tag_entity::Column::Name.eq("red"))
        .one(db)
        .await
        .expect("runs")
        .expect("there");
    assert_eq!(red.find_linked(tag_entity::BroaderBack).one(db).await.expect("runs").expect("there").name, "blue");
    assert_eq!(red.find_linked(article_entity::TagsBack).one(db).await.expect("runs").expect("there").title, "Second");
    let places = article_entity::tags_link::Entity::find()
        .filter(article_entity::tags_link::Column::Source.eq(second.id.as_str()))
        .order_by_asc(article_entity::tags_link::Column::Position)
        .all(db)
        .await
        .expect("runs");
    assert_eq!(
        places.iter().map(|link| link.target.as_str()).collect::<Vec<_>>(),
        [second.tags[0].id().as_str(), second.tags[1].id().as_str()]
    );
}

#[tokio::test]
async fn aggregates_joins_and_pages_work_as_on_any_table() {
    let (magazine, ..) = filled().await;
    let db = magazine.app.db();
    let sums: Vec<(String, f64)> = article_entity::Entity::find()
        .select_only()
        .column(author_entity::Column::Handle)
        .column_as(article_entity::Column::Rating.sum(), "ratings")
        .join(JoinType::InnerJoin, article_entity::Relation::Author.def())
        .group_by(author_entity::Column::Handle)
        .into_tuple()
        .all(db)
        .await
        .expect("the query runs");
    assert_eq!(sums, [("ann".to_owned(), 4.5)]);
    let pages = article_entity::Entity::find().paginate(db, 1);
    assert_eq!((pages.num_items().await.expect("runs"), pages.fetch_page(1).await.expect("runs").len()), (2, 1));
    let stats = stats_entity::Entity::find().filter(stats_entity::Column::Title.eq("Second")).one(db).await;
    let stats = stats.expect("the query runs").expect("a view is read like a table");
    assert_eq!((stats.writers, stats.twice.0), (1, 14.0));
}

#[tokio::test]
async fn what_is_written_through_an_active_model_is_read_as_a_typed_record() {
    let (magazine, ann, second) = filled().await;
    let db = magazine.app.db();
    let model = article_entity::Entity::find_by_id(second.id.as_str()).one(db).await.expect("runs").expect("there");
    let mut change = model.into_active_model();
    change.title = Set("Changed".to_owned());
    change.view_count = Set(8);
    change.rating = Set(4.0.into());
    change.channels = Set(bakend::entity::Texts(vec!["mail".to_owned()]));
    change.place = Set(bakend::entity::Point { lon: 3.0, lat: 4.0 });
    change.meta = Set(None);
    change.update(db).await.expect("it is written");
    let read: Article = magazine.get(second.id.as_str()).await.expect("it fits");
    assert_eq!((read.title.as_str(), read.view_count, read.channels[0].0), ("Changed", 8, Channel::Mail));
    assert_eq!(read.rating, Some(4.0));
    assert_eq!((read.place, read.meta.0), (GeoPoint::new(3.0, 4.0), None));
    let tag = tag_entity::ActiveModel { id: Set("tag000000000001".to_owned()), name: Set("green".to_owned()) };
    tag.insert(db).await.expect("it is written");
    let green: Tag = magazine.get("tag000000000001").await.expect("it fits");
    assert_eq!(green.name, "green");
    // The foreign key is real: articles of an author go with the account.
    author_entity::Entity::delete_by_id(ann.id.as_str()).exec(db).await.expect("it is deleted");
    assert_eq!(article_entity::Entity::find().count(db).await.expect("runs"), 0);
}
