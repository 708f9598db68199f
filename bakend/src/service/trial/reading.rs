//! What the engine would ask the database, and how the database would go about it.

use serde_json::{Value as Json, json};

use crate::{
    Result,
    query::Statement,
    schema::{Record, Scalar},
    service::App,
    store::explain::explain,
};

/// Stands for what would help to make tokens.
const SECRET: &str = "…";

/// The statement as the API shows it: `(sql, binds, plan)`.
///
/// # Errors
/// Those of the database.
pub(super) async fn shown(app: &App, statement: Option<Statement>, caller: Option<&Record>) -> Result<[Json; 3]> {
    let Some(statement) = statement else { return Ok([json!(""), json!([]), json!([])]) };
    let sql = json!(&*statement.sql);
    let key = caller.map(|record| record.text("tokenKey")).filter(|key| !key.is_empty());
    let binds = statement.binds.iter().map(|bind| match bind {
        Scalar::Null => Json::Null,
        Scalar::Int(number) => json!(number),
        Scalar::Real(number) => json!(number),
        Scalar::Text(text) if Some(text.as_str()) == key => json!(SECRET),
        Scalar::Text(text) => json!(text),
    });
    let binds = binds.collect();
    let steps = app.store().db().read(&Default::default(), move |conn| explain(conn, &statement)).await?;
    let plan =
        steps.iter().map(|step| json!({ "id": step.id, "parent": step.parent, "detail": step.detail })).collect();
    Ok([sql, binds, plan])
}
