//! The operations on records.

use utoipa::openapi::HttpMethod;

use super::{
    operation::{Access, Endpoint, on},
    parts, shapes,
};
use crate::schema::Collection;

/// The operations that a collection has.
pub(super) fn endpoints(collection: &Collection) -> Vec<Endpoint> {
    let rules = &collection.rules;
    let record = || parts::named(&shapes::name(collection, "Record"));
    let list = on(collection, "list", HttpMethod::Get, "records", Access::of(&rules.list))
        .says("A page of records", "Sorted and filtered; only those that the rule lets the caller see.")
        .takes(&["page", "perPage", "sort", "filter", "expand", "fields", "skipTotal"])
        .answers("A page.", parts::page(record()))
        .refuses(&["Invalid", "Forbidden"]);
    let view = on(collection, "view", HttpMethod::Get, "records/{id}", Access::of(&rules.view))
        .says("One record", "")
        .takes(&["id", "expand", "fields"])
        .answers("The record.", record())
        .refuses(&["Forbidden", "NotFound"]);
    let mut all = vec![list.done(), view.done()];
    if collection.is_view() {
        return all;
    }
    let form = |of: &str| {
        let form = if shapes::has_files(collection) { format!("{of}Form") } else { of.to_owned() };
        (parts::named(&shapes::name(collection, of)), Some(parts::named(&shapes::name(collection, &form))))
    };
    let (json, multipart) = form("Create");
    let create = on(collection, "create", HttpMethod::Post, "records", Access::of(&rules.create))
        .says("Make a record", "")
        .takes(&["expand", "fields"])
        .body(json, multipart)
        .answers("The new record.", record())
        .refuses(&["Invalid", "Forbidden"]);
    let (json, multipart) = form("Update");
    let update = on(collection, "update", HttpMethod::Patch, "records/{id}", Access::of(&rules.update))
        .says("Change a record", "What is not sent stays as it is.")
        .takes(&["id", "expand", "fields"])
        .body(json, multipart)
        .answers("The changed record.", record())
        .refuses(&["Invalid", "Forbidden", "NotFound"]);
    let delete = on(collection, "delete", HttpMethod::Delete, "records/{id}", Access::of(&rules.delete))
        .says("Delete a record", "Its files go too, and what hangs on it by relations that cascade.")
        .takes(&["id"])
        .answers_nothing()
        .refuses(&["Invalid", "Forbidden", "NotFound"]);
    all.extend([create.done(), update.done(), delete.done()]);
    all
}
