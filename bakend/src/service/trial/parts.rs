//! What each part of a rule says: its groups and comparisons, each asked as a rule of its own.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{subject::Subject, units};
use crate::{
    Result,
    query::{
        Pace, RequestInfo, Statement, Verdict,
        parts::{self, Part, PartKind},
    },
    schema::{Collection, Schema},
    service::App,
    store::Conn,
};

/// Who is asked about, and by whom.
pub(super) struct Question<'a> {
    pub app: &'a App,
    pub schema: &'a Schema,
    pub collection: &'a Arc<Collection>,
    pub info: &'a RequestInfo,
    pub subject: &'a Subject,
}

/// What a part says, if that can be told.
enum Said {
    Known(bool),
    Ask(Statement),
    Nothing(&'static str),
}

impl Question<'_> {
    /// What a rule says about the subject.
    fn ask(&self, rule: &str) -> Said {
        let planner = self.app.planner();
        let unreadable = |_| Said::Nothing("This part cannot be evaluated for this caller.");
        match self.subject {
            Subject::None => Said::Nothing("There is no record to ask this part about."),
            Subject::Stored(id) => {
                planner.view(self.schema, self.collection, self.info, id, Some(rule)).map_or_else(unreadable, Said::Ask)
            }
            Subject::New(row) => match planner.allows_new(self.schema, self.collection, self.info, row, rule) {
                Ok(Verdict::Allowed) => Said::Known(true),
                Ok(Verdict::Denied) => Said::Known(false),
                Ok(Verdict::Ask(statement)) => Said::Ask(statement),
                Err(error) => unreadable(error),
            },
        }
    }
}

/// A rule's groups and comparisons, each with its value; none of a rule that does not parse.
///
/// # Errors
/// Those of the database.
pub(super) async fn values(question: &Question<'_>, rule: &str) -> Result<Json> {
    let Ok(parts) = parts::parts(rule) else { return Ok(json!([])) };
    let said: Arc<[Said]> = parts.iter().map(|part| question.ask(&rule[part.at.clone()])).collect();
    let asked = Arc::clone(&said);
    let tell = move |conn: &Conn<'_>| {
        let told = asked.iter().map(|said| match said {
            Said::Known(truth) => Ok(Some(*truth)),
            Said::Ask(statement) => Ok(Some(conn.rows(statement, |_| Ok(()))? > 0)),
            Said::Nothing(_) => Ok(None),
        });
        told.collect::<Result<Vec<Option<bool>>>>()
    };
    let values = question.app.store().db().read(&Pace::default(), tell).await?;
    let shown = parts.iter().zip(said.iter()).enumerate().map(|(at, (part, said))| {
        let note = match said {
            Said::Nothing(reason) => reason,
            _ => note(at, &parts, &values),
        };
        json!({
            "text": &rule[part.at.clone()],
            "start": units(rule, part.at.start),
            "end": units(rule, part.at.end),
            "kind": part.kind.as_str(),
            "parent": part.parent,
            "value": values[at],
            "note": note,
        })
    });
    Ok(shown.collect())
}

/// What is surprising about a group.
fn note(at: usize, parts: &[Part], values: &[Option<bool>]) -> &'static str {
    let mut members = parts.iter().zip(values).filter(|(part, _)| part.parent == Some(at)).map(|(_, value)| *value);
    let is_torn =
        parts[at].kind == PartKind::And && values[at] == Some(false) && members.all(|value| value == Some(true));
    if is_torn { "Each member is true on its own, but not of one and the same related record." } else { "" }
}
