//! All files of all records: for superusers only.

use axum::response::Response;

use super::extract::Asked;
use crate::{
    Result,
    service::files::{
        browse::{self, Search},
        usage,
    },
};

pub(super) async fn list(asked: Asked) -> Result<Response> {
    asked.needs_superuser()?;
    let params = asked.params();
    let text = |name: &str| params.get(name).to_owned();
    let search = Search {
        collection: text("collection"),
        field: text("field"),
        record: text("record"),
        text: text("search"),
        thumbs: params.flag("thumbs")?,
    };
    asked.answer_page(browse::list(&asked, &search, &params.list_query()?).await?)
}

pub(super) async fn usage(asked: Asked) -> Result<Response> {
    asked.needs_superuser()?;
    asked.answer(usage::usage(&asked, asked.params().flag("scan")?).await?)
}
