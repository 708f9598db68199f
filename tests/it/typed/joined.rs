//! SeaORM inside `app.transaction`: the same queries as outside, committed or undone with the records around them.

use bakend::{
    Error, Kind, OrmTx,
    sea_orm::{
        ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
        JoinType, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationTrait as _, Set,
        Statement, TransactionError, TransactionSession as _, TransactionTrait as _,
    },
};

use super::{
    Magazine,
    models::{Article, Author, Channel, Status, Tag, article_entity, author_entity, tag_entity},
};

async fn filled() -> Magazine {
    let magazine = Magazine::open().await;
    let ann = magazine.create::<Author>(Author::new("ann@example.com", "secret-password", "ann")).await;
    magazine.create::<Article>(Article::new("First", Status::Draft, &ann).rating(2.0)).await;
    let second = Article::new("Second", Status::Published, &ann).rating(2.5).view_count(7).channels([Channel::Web]);
    magazine.create::<Article>(second).await;
    magazine
}

/// What many kinds of queries see, as text.
async fn seen(db: &impl ConnectionTrait) -> bakend::Result<String> {
    let models = article_entity::Entity::find()
        .find_also_related(author_entity::Entity)
        .order_by_asc(article_entity::Column::Title)
        .all(db)
        .await?;
    let sums: Vec<(String, f64, i64)> = article_entity::Entity::find()
        .select_only()
        .column(author_entity::Column::Handle)
        .column_as(article_entity::Column::Rating.sum(), "a_sum")
        .column_as(article_entity::Column::Id.count(), "count")
        .join(JoinType::InnerJoin, article_entity::Relation::Author.def())
        .group_by(author_entity::Column::Handle)
        .into_tuple()
        .all(db)
        .await?;
    let pages = article_entity::Entity::find().paginate(db, 1).num_items().await?;
    let nothing = tag_entity::Entity::find().one(db).await?;
    let odd = "SELECT NULL AS a, 1 AS \"b \"\"c\", 2.5 AS d, x'00ff' AS e, 'é' AS f, 3 AS a0";
    let odd = db.query_one_raw(Statement::from_string(db.get_database_backend(), odd)).await?;
    let odd = odd.ok_or_else(Error::not_found)?;
    let odd = (
        odd.try_get::<Option<i64>>("", "a")?,
        odd.try_get::<i32>("", "b \"c")?,
        odd.try_get_by_index::<f64>(2)?,
        odd.try_get::<Vec<u8>>("", "e")?,
        odd.try_get::<String>("", "f")?,
        odd.column_names(),
    );
    Ok(format!("{models:?} {sums:?} {pages} {nothing:?} {odd:?}"))
}

#[tokio::test]
async fn queries_in_a_transaction_answer_as_outside() {
    let magazine = filled().await;
    let outside = seen(magazine.app.db()).await.expect("outside");
    let inside = magazine.app.transaction(async |tx| seen(&tx.db()).await).await.expect("inside");
    assert_eq!(inside, outside);
    assert!(inside.contains("(\"ann\", 4.5, 2)"), "{inside}");
}

#[tokio::test]
async fn more_rows_than_one_statement_holds_come_in_order() {
    let magazine = Magazine::open().await;
    let count = 10_000;
    let found = magazine
        .app
        .transaction(async |tx| {
            let sql =
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i, -i AS b FROM n";
            let db = tx.db();
            let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [count.into()]);
            let rows = db.query_all_raw(statement).await?;
            rows.iter().map(|row| Ok((row.try_get_by_index::<i64>(0)?, row.try_get::<i64>("", "b")?))).collect()
        })
        .await;
    let found: Vec<(i64, i64)> = found.expect("reads");
    assert_eq!(found, (1..=count).map(|n| (n, -n)).collect::<Vec<_>>());
}

async fn write(db: &OrmTx) -> bakend::Result<()> {
    let tag = tag_entity::ActiveModel { id: Set("tag000000000001".to_owned()), name: Set("green".to_owned()) };
    assert_eq!(tag.insert(db).await?.name, "green");
    let second = article_entity::Entity::find().filter(article_entity::Column::Title.eq("Second"));
    let mut second = second.one(db).await?.ok_or_else(Error::not_found)?.into_active_model();
    second.channels = Set(bakend::entity::Texts(vec!["mail".to_owned()]));
    second.place = Set(bakend::entity::Point { lon: 3.0, lat: 4.0 });
    second.update(db).await?;
    let all = article_entity::Entity::update_many()
        .col_expr(article_entity::Column::ViewCount, bakend::sea_orm::sea_query::Expr::value(9));
    assert_eq!(all.exec(db).await?.rows_affected, 2);
    let none = tag_entity::Entity::delete_by_id("nothing");
    assert_eq!(none.exec(db).await?.rows_affected, 0);
    Ok(())
}

#[tokio::test]
async fn what_is_written_commits_or_vanishes_with_the_records_around_it() {
    let magazine = filled().await;
    let app = &magazine.app;
    let failed = app
        .transaction(async |tx| {
            write(&tx.db()).await?;
            // Records of the same transaction see it, and the other way round.
            let green = tx.records_of::<Tag>().as_system().one("tag000000000001").await?;
            let blue = tx.records_of::<Tag>().as_system().create(Tag::new("blue")).await?;
            let there = tag_entity::Entity::find_by_id(blue.id.as_str()).one(&tx.db()).await?.is_some();
            assert!(there && green.name == "green");
            Err::<(), _>(Error::forbidden("after all"))
        })
        .await;
    assert_eq!(failed.expect_err("undone").kind(), Kind::Forbidden);
    assert_eq!(tag_entity::Entity::find().count(app.db()).await.expect("counts"), 0);
    app.transaction(async |tx| write(&tx.db()).await).await.expect("commits");
    assert_eq!(tag_entity::Entity::find().count(app.db()).await.expect("counts"), 1);
    let second = app.records_of::<Article>().as_system().filter(Article::title.eq("Second")).first().await;
    let second = second.expect("reads").expect("is there");
    assert_eq!((second.view_count, second.channels[0].0), (9, Channel::Mail));
}

#[tokio::test]
async fn a_refused_statement_says_why_and_leaves_the_transaction_open() {
    let magazine = filled().await;
    let taken = |id: &str| tag_entity::ActiveModel { id: Set(id.to_owned()), name: Set("red".to_owned()) };
    magazine
        .app
        .transaction(async |tx| {
            let db = tx.db();
            taken("tag000000000001").insert(&db).await?;
            let error = Error::from(taken("tag000000000001").insert(&db).await.expect_err("there already"));
            assert_eq!(error.kind(), Kind::Invalid);
            assert!(error.field_errors().to_json().pointer("/name/code").is_some(), "{error:?}");
            let error =
                Error::from(db.execute_unprepared("INSERT INTO nowhere VALUES (1)").await.expect_err("no table"));
            assert_eq!(error.kind(), Kind::Internal);
            Ok(())
        })
        .await
        .expect("commits");
    assert_eq!(tag_entity::Entity::find().count(magazine.app.db()).await.expect("counts"), 1);
}

#[tokio::test]
async fn a_transaction_in_it_is_a_savepoint() {
    let magazine = Magazine::open().await;
    let tag = |id: &str| tag_entity::ActiveModel { id: Set(id.to_owned()), name: Set(id.to_owned()) };
    let kept = magazine
        .app
        .transaction(async |tx| {
            let db = tx.db();
            tag("tag000000000001").insert(&db).await?;
            let undone = db
                .transaction::<_, (), DbErr>(|inner| {
                    Box::pin(async move {
                        tag("tag000000000002").insert(inner).await?;
                        Err(DbErr::Custom("no".to_owned()))
                    })
                })
                .await;
            assert!(matches!(undone, Err(TransactionError::Transaction(_))), "{undone:?}");
            let inner = db.begin().await?;
            tag("tag000000000003").insert(&inner).await?;
            inner.commit().await?;
            drop(db.begin().await?);
            let own = db.commit().await.expect_err("it is not its own to end");
            assert!(own.to_string().contains("return Ok to commit"), "{own}");
            let rows = tag_entity::Entity::find().order_by_asc(tag_entity::Column::Id).all(&tx.db()).await?;
            Ok(rows.into_iter().map(|tag| tag.id).collect::<Vec<_>>())
        })
        .await
        .expect("commits");
    assert_eq!(kept, ["tag000000000001", "tag000000000003"]);
    assert_eq!(tag_entity::Entity::find().count(magazine.app.db()).await.expect("counts"), 2);
}

#[tokio::test]
async fn once_the_transaction_is_over_nothing_is_done_through_it() {
    let magazine = Magazine::open().await;
    let kept = magazine.app.transaction(async |tx| Ok(tx.db())).await.expect("commits");
    let late = tag_entity::ActiveModel { id: Set("tag000000000001".to_owned()), name: Set("late".to_owned()) };
    late.insert(&kept).await.expect_err("over");
    assert_eq!(tag_entity::Entity::find().count(magazine.app.db()).await.expect("counts"), 0);
}
