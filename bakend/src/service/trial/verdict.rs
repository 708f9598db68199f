//! Whether somebody may do something, why not, and what each part of the rule says.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{
    Action, Trial,
    parts::{self, Question},
    reading,
    subject::{Subject, Unasked, subject},
    wrong_json,
};
use crate::{
    Error, FieldError, Kind, Result, limits,
    query::{ListSpec, RequestInfo, Statement, Text, Verdict, Wrong, wrong_in},
    schema::{Collection, ScalarRef, Schema},
    service::App,
};

/// How it ends, as far as the rule decides.
struct Judged {
    allowed: bool,
    code: &'static str,
    reason: String,
    status: u16,
    /// What the engine would ask the database.
    statement: Option<Statement>,
    /// Of a list: how many records the caller would get.
    matches: Option<i64>,
    wrong: Option<Wrong>,
}

impl Judged {
    fn new(code: &'static str, status: u16, reason: impl Into<String>) -> Self {
        let allowed = (200..300).contains(&status);
        Self { allowed, code, reason: reason.into(), status, statement: None, matches: None, wrong: None }
    }
}

/// What is judged.
struct Case<'a> {
    app: &'a App,
    schema: &'a Schema,
    trial: &'a Trial,
    info: &'a RequestInfo,
    /// The rule; `None`: locked.
    rule: Option<&'a str>,
}

/// Whether somebody may do something, as JSON: `allowed`, `code`, `reason` and `status`; the `rule` and its `parts` with their values; the
/// `sql` that the engine asks, its `binds` and the database's `plan`; of a list how many records `matches`.
///
/// # Errors
/// `Invalid`: with field errors, no record is named where one is needed, or the collection holds no accounts.
pub async fn try_rule(app: &App, trial: Trial) -> Result<Vec<u8>> {
    let collection = &trial.collection;
    if trial.action.is_about_accounts() && !collection.is_auth() {
        let error = FieldError::new("validation_invalid_auth_collection", "Must be an auth collection.");
        return Err(Error::invalid("An error occurred while validating the submitted data.").field("collection", error));
    }
    let rule = match &trial.rule {
        Some(given) => given.as_deref(),
        None => stored_rule(collection, trial.action),
    };
    let schema = app.schema();
    let (info, subject) = subject(app, &trial).await?;
    let case = Case { app, schema: &schema, trial: &trial, info: &info, rule };
    let mut judged = case.judge(&subject).await?;
    let question =
        Question { app, schema: &schema, collection, info: &info, subject: subject.as_ref().unwrap_or(&Subject::None) };
    let parts = parts::values(&question, rule.unwrap_or_default()).await?;
    if judged.code == NOT_SATISFIED {
        judged.reason += &blamed(&parts);
    }
    let [sql, binds, plan] = reading::shown(app, judged.statement.take(), info.auth.as_deref()).await?;
    let mut answer = json!({
        "allowed": judged.allowed,
        "code": judged.code,
        "reason": judged.reason,
        "status": judged.status,
        "rule": rule,
        "parts": parts,
        "sql": sql,
        "binds": binds,
        "plan": plan,
    });
    if trial.action == Action::List {
        answer["matches"] = json!(judged.matches);
    }
    if let (Some(rule), Some(wrong)) = (rule, &judged.wrong) {
        let place = wrong_json(rule, wrong);
        answer["start"] = place["start"].clone();
        answer["end"] = place["end"].clone();
    }
    Ok(answer.to_string().into_bytes())
}

const NOT_SATISFIED: &str = "not_satisfied";
const LOCKED: &str = "The rule is locked: only superusers may do this.";
const OPEN: &str = "The rule is empty: everybody may do this.";
const SATISFIED: &str = "The rule is satisfied.";

impl Case<'_> {
    /// Asks in the order of the engine: whether there is a rule to satisfy at all, whether there is something to do it to, the rule.
    async fn judge(&self, subject: &Result<Subject, Unasked>) -> Result<Judged> {
        let is_superuser = self.info.is_superuser();
        let rule = match self.rule {
            _ if is_superuser => None,
            None => return Ok(Judged::new("locked", 403, LOCKED)),
            Some("") if self.trial.action == Action::Manage => {
                return Ok(Judged::new(NOT_SATISFIED, 403, "An empty manage rule lets nobody but superusers manage"));
            }
            Some(_) if self.trial.action == Action::Manage && self.info.auth.is_none() => {
                return Ok(Judged::new(NOT_SATISFIED, 403, "Guests manage nobody, whatever the rule says"));
            }
            Some("") => None,
            Some(rule) => Some(rule),
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(Unasked::NoRecord) => return Ok(Judged::new("no_record", 404, "There is no record with this id.")),
            Err(Unasked::Refused(error)) => return Ok(Judged::new("refused", 400, refusal(error))),
        };
        if let Some(rule) = rule
            && let Some(wrong) = wrong_in(self.schema, &self.trial.collection, Text::Rule, rule)
        {
            let reason = format!("The rule cannot be evaluated, so it denies: {}", sentence(&wrong.reason));
            return Ok(Judged { wrong: Some(wrong), ..Judged::new("invalid_rule", self.denied(), reason) });
        }
        let (code, reason) = match (is_superuser, rule) {
            (true, _) => ("superuser", "Superusers are asked no rule."),
            (_, None) => ("open", OPEN),
            _ => ("satisfied", SATISFIED),
        };
        let allowed = Judged::new(code, if self.trial.action == Action::Delete { 204 } else { 200 }, reason);
        match self.trial.action {
            Action::List => self.listed(rule, subject, allowed).await,
            _ => self.asked(rule, subject, allowed).await,
        }
    }

    /// Of a list: what it holds for this caller, and whether the record is in it.
    async fn listed(&self, rule: Option<&str>, subject: &Subject, allowed: Judged) -> Result<Judged> {
        let Trial { collection, filter, sort, .. } = self.trial;
        let planner = self.app.planner();
        let limit = u64::from(limits::PER_PAGE_DEFAULT);
        let spec = ListSpec { rule, filter, sort, limit, offset: 0 };
        let made = planner.list(self.schema, collection, self.info, &spec).and_then(|rows| {
            let count = planner.count(self.schema, collection, self.info, &spec)?;
            let among = match subject {
                Subject::Stored(id) => {
                    Some(planner.among(self.schema, collection, self.info, &[id.as_str()], rule, filter)?)
                }
                _ => None,
            };
            Ok((rows, count, among))
        });
        let (rows, count, among) = match made {
            Ok(made) => made,
            Err(error) => {
                let status = if error.kind() == Kind::Forbidden { 403 } else { 400 };
                return Ok(Judged::new("invalid_filter", status, refusal(&error)));
            }
        };
        let db = self.app.store().db();
        let pace = count.pace.clone();
        let read = move |conn: &crate::store::Conn<'_>| {
            let mut total = 0;
            conn.rows(&count, |row| {
                if let ScalarRef::Int(number) = row.get(0)? {
                    total = number;
                }
                Ok(())
            })?;
            let found = among.as_ref().map(|among| conn.rows(among, |_| Ok(()))).transpose()?;
            Ok((total, found))
        };
        let (total, found) = db.read(&pace, read).await?;
        let mut judged = match found {
            Some(0) => Judged { allowed: false, ..Judged::new(NOT_SATISFIED, 200, self.unlisted()) },
            Some(_) => allowed,
            None => Judged { reason: format!("{} Records in the list: {total}.", allowed.reason), ..allowed },
        };
        judged.matches = Some(total);
        judged.statement = Some(rows);
        Ok(judged)
    }

    fn unlisted(&self) -> &'static str {
        if self.trial.filter.is_empty() {
            "The record is not among those listed: the rule is not satisfied"
        } else {
            "The record is not among those listed: the rule or the filter is not satisfied"
        }
    }

    /// Of anything else: whether the rule holds.
    async fn asked(&self, rule: Option<&str>, subject: &Subject, mut allowed: Judged) -> Result<Judged> {
        let planner = self.app.planner();
        let collection = &self.trial.collection;
        let denied = |reason: &str| Judged::new(NOT_SATISFIED, self.denied(), reason);
        let statement = match (subject, rule) {
            (Subject::Stored(id), rule) => planner.view(self.schema, collection, self.info, id, rule),
            (Subject::New(row), Some(rule)) => {
                match planner.allows_new(self.schema, collection, self.info, row, rule) {
                    Ok(Verdict::Allowed) => return Ok(allowed),
                    Ok(Verdict::Denied) => return Ok(denied("The rule is not satisfied")),
                    Ok(Verdict::Ask(statement)) => Ok(statement),
                    Err(error) => Err(error),
                }
            }
            (Subject::New(_) | Subject::None, _) => return Ok(allowed),
        };
        let statement = match statement {
            Ok(statement) => statement,
            Err(error) => {
                let reason = format!("The rule cannot be evaluated for this caller, so it denies: {}", refusal(&error));
                return Ok(Judged::new("invalid_rule", self.denied(), reason));
            }
        };
        let (pace, asked) = (statement.pace.clone(), statement.clone());
        let found = self.app.store().db().read(&pace, move |conn| conn.rows(&asked, |_| Ok(()))).await?;
        let mut judged =
            if found > 0 { std::mem::replace(&mut allowed, denied("")) } else { denied("The rule is not satisfied") };
        judged.statement = Some(statement);
        Ok(judged)
    }

    /// What the API answers whom a rule refuses.
    fn denied(&self) -> u16 {
        match self.trial.action {
            Action::List | Action::Create => 400,
            Action::View | Action::Update | Action::Delete => 404,
            Action::Auth | Action::Manage => 403,
        }
    }
}

fn stored_rule(collection: &Arc<Collection>, action: Action) -> Option<&str> {
    let (rules, auth) = (&collection.rules, collection.auth.as_ref());
    match action {
        Action::List => rules.list.as_deref(),
        Action::View => rules.view.as_deref(),
        Action::Create => rules.create.as_deref(),
        Action::Update => rules.update.as_deref(),
        Action::Delete => rules.delete.as_deref(),
        Action::Auth => auth?.auth_rule.as_deref(),
        Action::Manage => auth?.manage_rule.as_deref(),
    }
}

/// The end of a sentence about a rule that is not satisfied: which of its members are false.
fn blamed(parts: &Json) -> String {
    let parts = parts.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_false = |part: &&Json| part["value"] == json!(false);
    let members: Vec<&Json> = match parts {
        [only] => vec![only],
        [whole, ..] if whole["kind"] == "and" => parts.iter().filter(|part| part["parent"] == 0).collect(),
        _ => Vec::new(),
    };
    let texts: Vec<&str> = members.into_iter().filter(is_false).filter_map(|part| part["text"].as_str()).collect();
    match texts[..] {
        [] => ".".to_owned(),
        [one] => format!(": {one} is false."),
        _ => format!(": {} are false.", texts.join(", ")),
    }
}

/// An error in words for a superuser: its fields too.
fn refusal(error: &Error) -> String {
    let fields = error.field_errors();
    if fields.is_empty() { error.message().to_owned() } else { format!("{} {}", error.message(), fields.to_json()) }
}

fn sentence(reason: &str) -> String {
    format!("{}.", reason.trim_end_matches('.'))
}
