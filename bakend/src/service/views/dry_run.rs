//! What a view would be, without creating it.

use serde_json::{Map, Value as Json, json};

use super::plan;
use crate::{
    Error, FieldError, FieldErrors, Result, ids, limits,
    query::Pace,
    schema::{Collection, CollectionKind, Field, Scalar},
    service::App,
    store::{Conn, inspect::describe_select},
};

/// Characters in the random part of the pretended view's name.
const NAME_CHARS: usize = 5;

/// The fields that a view with this query would have, and its first records: `{"fields":[…],"sample":[…]}`.
///
/// # Errors
/// `Invalid`: the query is empty, too long or refused.
pub async fn dry_run(app: &App, query: &str) -> Result<Vec<u8>> {
    check_length(query)?;
    let (dialect, schema, query) = (app.planner().dialect(), app.schema(), query.to_owned());
    let work = move |conn: &Conn| {
        let plan = plan(conn, dialect, &schema, &query, true)?;
        let sample = sample(conn, &plan.fields, &plan.sql)?;
        let mut view = Collection::new("", CollectionKind::View);
        view.fields = plan.fields;
        let fields = view.to_json().get("fields").cloned().unwrap_or_default();
        Ok(json!({ "fields": fields, "sample": sample }))
    };
    match app.store().db().read(&Pace::default(), work).await {
        Ok(shown) => Ok(shown.to_string().into_bytes()),
        Err(error) => {
            let message = format!("Invalid view query. Raw error: \n{}", super::reason(&error));
            Err(Error::invalid(message).caused_by(error))
        }
    }
}

fn check_length(query: &str) -> Result<()> {
    let refusal = if query.is_empty() {
        FieldError::required()
    } else if query.chars().count() > limits::VIEW_QUERY_MAX_CHARS {
        let max = limits::VIEW_QUERY_MAX_CHARS;
        FieldError::new("validation_length_too_long", format!("The length must be no more than {max}."))
            .with("min", 0)
            .with("max", max)
    } else {
        return Ok(());
    };
    let message = "An error occurred while validating the submitted data.";
    Err(Error::invalid(message).fields(FieldErrors::one("query", refusal)))
}

fn sample(conn: &Conn, fields: &[Field], sql: &str) -> Result<Vec<Json>> {
    let name = format!("temp_view_{}", ids::random_text(NAME_CHARS, ids::SECRET_ALPHABET));
    let id = format!("pbc_{}", crc32fast::hash(format!("view{name}").as_bytes()));
    let described = describe_select(conn, &format!("SELECT * FROM (\n{sql}\n)"), limits::VIEW_SAMPLE_ROWS)?;
    let record = |row: Vec<Scalar>| {
        let mut record = Map::new();
        record.insert("collectionId".to_owned(), id.as_str().into());
        record.insert("collectionName".to_owned(), name.as_str().into());
        for (field, value) in fields.iter().zip(&row).filter(|(field, _)| !field.hidden) {
            record.insert(field.name.clone(), field.to_json(&field.read(value.as_ref())));
        }
        Json::Object(record)
    };
    Ok(described.rows.into_iter().map(record).collect())
}
