//! `GET /blog/archive`: how many posts were published in each month; a SeaORM query over the same tables.

use bakend::{
    App, Error, Result,
    axum::Json,
    sea_orm::{
        ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
        sea_query::{Expr, Func, Order},
    },
    serde_json::{Value, json},
};

use crate::models::post_entity::{Column, Entity};

/// The months, the last one first: `[{"month": "2026-11", "posts": 3}]`.
pub async fn archive(app: App) -> Result<Json<Vec<Value>>> {
    // Dates are text in the order of time: the month is how they begin.
    let month = || Func::cust("substr").args([Expr::col(Column::Published), Expr::val(1), Expr::val(7)]);
    let months: Vec<(String, i64)> = Entity::find()
        .select_only()
        .expr_as(month(), "month")
        .column_as(Column::Id.count(), "posts")
        .filter(Column::Status.eq("published"))
        .group_by(month())
        .order_by(Expr::col("month"), Order::Desc)
        .into_tuple()
        .all(app.db())
        .await
        .map_err(Error::internal)?;
    Ok(Json(months.into_iter().map(|(month, posts)| json!({ "month": month, "posts": posts })).collect()))
}
