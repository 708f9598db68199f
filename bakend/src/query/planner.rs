//! Plans: from rule, filter and sort to statements, cached by their texts and the schema's version.

use std::sync::{Arc, atomic::Ordering};

use super::{
    Dialect, RequestInfo, Statement,
    kept::{Kept, PlanKey, PlanKeyRef, TemplateKeyRef},
    known::Facts,
    plan::{Plan, Purpose, Template},
    resolver::{Resolver, Scope},
    slot::Given,
    value::Val,
};
use crate::{
    Error, Result, clock,
    limits::RULE_MAX_CHARS,
    schema::{Collection, Scalar, Schema, index},
};

/// What a list asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListSpec<'a> {
    /// A rule that every record must satisfy; `None` or `""`: no rule (the caller has handled locked rules).
    pub rule: Option<&'a str>,
    /// The client's filter; `""`: none. With the limits of a client's own filter unless a superuser asks.
    pub filter: &'a str,
    /// The client's sort; `""`: none (insertion order where the table has one).
    pub sort: &'a str,
    /// Most records.
    pub limit: u64,
    /// Records to skip.
    pub offset: u64,
}

/// What a rule says of data that is not stored yet.
#[derive(Debug)]
pub enum Verdict {
    /// True whatever the database holds.
    Allowed,
    /// False whatever the database holds.
    Denied,
    /// The statement returns one row when it is true, none when false.
    Ask(Statement),
}

/// Makes statements; keeps the plans. Clones share them.
#[derive(Clone)]
pub struct Planner {
    dialect: &'static dyn Dialect,
    kept: Arc<Kept>,
}

/// Who asks about what.
#[derive(Clone, Copy)]
struct Subject<'a> {
    schema: &'a Schema,
    collection: &'a Arc<Collection>,
    request: &'a RequestInfo,
}

// Every SELECT of records returns one column a field, in the order of `collection.fields` (joined relations: the JSON array of ids in
// order, as text), nothing else.
impl Planner {
    /// A planner for a database.
    pub fn new(dialect: &'static dyn Dialect) -> Self {
        Self { dialect, kept: Arc::default() }
    }

    /// The database's spelling.
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// The records of a page.
    ///
    /// # Errors
    /// - `Invalid`: rule, filter or sort does not parse, names what does not exist or what this caller may not filter by; the message
    ///   holds the byte offset. The same for all statements below.
    /// - `Forbidden`: a filter or sort of somebody who is no superuser mentions `@request.` or `@collection.`.
    pub fn list(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        spec: &ListSpec<'_>,
    ) -> Result<Statement> {
        let given = Given { limit: spec.limit, offset: spec.offset, ids: "" };
        self.statement(Subject { schema, collection, request }, Purpose::List, spec, given)
    }

    /// One row with the number of records that the rule and the filter allow.
    ///
    /// # Errors
    /// As [`list`](Self::list); a sort that names no other collection is not looked at.
    pub fn count(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        spec: &ListSpec<'_>,
    ) -> Result<Statement> {
        // a sort through relations hides records whose relations this caller may not list
        let sort = if spec.sort.contains('.') && !request.is_superuser() { spec.sort } else { "" };
        let spec = ListSpec { sort, ..*spec };
        self.statement(Subject { schema, collection, request }, Purpose::Count, &spec, Given::default())
    }

    /// The record with this id, if it satisfies the rule.
    ///
    /// # Errors
    /// - `Invalid`: the rule does not parse or resolve; the caller answers as if there were no record.
    pub fn view(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        id: &str,
        rule: Option<&str>,
    ) -> Result<Statement> {
        let given = Given { ids: id, ..Given::default() };
        let spec = ListSpec { rule, ..ListSpec::default() };
        self.statement(Subject { schema, collection, request }, Purpose::View, &spec, given)
    }

    /// The records with these ids that satisfy the rule, in any order.
    ///
    /// # Errors
    /// - `Invalid`: the rule does not parse or resolve.
    pub fn by_ids(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        ids: &[&str],
        rule: Option<&str>,
    ) -> Result<Statement> {
        let ids = json_list(ids)?;
        let given = Given { ids: &ids, ..Given::default() };
        let spec = ListSpec { rule, ..ListSpec::default() };
        self.statement(Subject { schema, collection, request }, Purpose::ByIds, &spec, given)
    }

    /// The records with these ids that satisfy the rule and a client's filter (`""`: none), in any order.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn among(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        ids: &[&str],
        rule: Option<&str>,
        filter: &str,
    ) -> Result<Statement> {
        let ids = json_list(ids)?;
        let given = Given { ids: &ids, ..Given::default() };
        let spec = ListSpec { rule, filter, ..ListSpec::default() };
        self.statement(Subject { schema, collection, request }, Purpose::ByIds, &spec, given)
    }

    /// The records of `collection` whose relation at position `field` points at any of `ids` and that satisfy the rule; the first column,
    /// before the fields, is the id pointed at. In insertion order.
    ///
    /// # Errors
    /// - `Invalid`: the rule does not parse or resolve, or there is no field at this position.
    pub fn pointing_at(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        field: usize,
        ids: &[&str],
        rule: Option<&str>,
    ) -> Result<Statement> {
        if field >= collection.fields.len() {
            return Err(Error::invalid(format!("{:?} has no field at position {field}", collection.name)));
        }
        let ids = json_list(ids)?;
        let given = Given { ids: &ids, ..Given::default() };
        let spec = ListSpec { rule, ..ListSpec::default() };
        self.statement(Subject { schema, collection, request }, Purpose::PointingAt(field), &spec, given)
    }

    /// The first record whose text field has this value, which must not be empty. Case counts unless the unique index on the field says
    /// `NOCASE`, or `nocase` is set.
    ///
    /// # Errors
    /// - `Invalid`: the collection has no such field.
    pub fn by_field(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        field: &str,
        value: &str,
        nocase: bool,
    ) -> Result<Statement> {
        let at = collection.position(field);
        let at = at.ok_or_else(|| Error::invalid(format!("{:?} has no field {field:?}", collection.name)))?;
        let nocase = nocase || index::ignores_case(&collection.indexes, field);
        let given = Given { ids: value, limit: 1, ..Given::default() };
        let request = &RequestInfo::default();
        let purpose = Purpose::ByField { field: at, nocase };
        self.statement(Subject { schema, collection, request }, purpose, &ListSpec::default(), given)
    }

    /// Whether data that is not stored yet satisfies a rule. `row`: one bind a field (joined relations: JSON array text).
    ///
    /// # Errors
    /// - `Invalid`: the rule does not parse or resolve.
    pub fn allows_new(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        row: &[Scalar],
        rule: &str,
    ) -> Result<Verdict> {
        self.allows_absent(schema, collection, request, row, Some(rule), "")
    }

    /// Whether data that is not stored (yet, or any more) satisfies a rule and a client's filter (`""`: none). `row` as of
    /// [`allows_new`](Self::allows_new).
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn allows_absent(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        row: &[Scalar],
        rule: Option<&str>,
        filter: &str,
    ) -> Result<Verdict> {
        let spec = ListSpec { rule, filter, ..ListSpec::default() };
        let subject = Subject { schema, collection, request };
        self.with_plan(subject, Purpose::New, &spec, row, |plan, values| match plan.verdict {
            Some(true) => Verdict::Allowed,
            Some(false) => Verdict::Denied,
            None => Verdict::Ask(fill(plan, values, Given::default())),
        })
    }

    /// Checks that a rule parses and resolves against the schema; the error's message holds the reason.
    ///
    /// # Errors
    /// - `Invalid`: it does not.
    pub fn check_rule(&self, schema: &Schema, collection: &Arc<Collection>, rule: &str) -> Result<()> {
        let mut scope = Scope::default();
        Resolver::alone(schema, collection, &mut scope).text(rule, RULE_MAX_CHARS, "rule")?;
        Ok(())
    }

    fn statement(
        &self,
        subject: Subject<'_>,
        purpose: Purpose,
        spec: &ListSpec<'_>,
        given: Given<'_>,
    ) -> Result<Statement> {
        self.with_plan(subject, purpose, spec, &[], |plan, values| fill(plan, values, given))
    }

    /// Finds or makes the plan for the values of this request.
    fn with_plan<T>(
        &self,
        subject: Subject<'_>,
        purpose: Purpose,
        spec: &ListSpec<'_>,
        row: &[Scalar],
        done: impl FnOnce(&Plan, &[Val<'_>]) -> T,
    ) -> Result<T> {
        let template = self.template(subject, purpose, spec)?;
        let facts = Facts { request: subject.request, row, now: clock::now() };
        let values: Vec<Val<'_>> = template.scope.known.iter().map(|known| facts.value(&known.source)).collect();
        let mut shape = Vec::new();
        let live = template.live(&values, &mut shape);
        let key = PlanKeyRef { template: template.id, shape: &shape };
        if let Some(plan) = self.kept.plans.get(&key) {
            return Ok(done(&plan, &values));
        }
        let plan = Arc::new(template.plan(self.dialect, &live, &values)?);
        self.kept.plans.insert(PlanKey { template: template.id, shape: shape.into() }, plan.clone());
        Ok(done(&plan, &values))
    }

    fn template(&self, subject: Subject<'_>, purpose: Purpose, spec: &ListSpec<'_>) -> Result<Arc<Template>> {
        let Subject { schema, collection, request } = subject;
        let key = TemplateKeyRef {
            version: schema.version,
            collection: Arc::as_ptr(collection).addr(),
            auth: request.auth.as_ref().map_or(0, |record| Arc::as_ptr(&record.collection).addr()),
            purpose,
            rule: spec.rule.unwrap_or_default(),
            filter: spec.filter,
            sort: spec.sort,
        };
        if let Some(template) = self.kept.templates.get(&key) {
            return Ok(template);
        }
        let id = self.kept.next_id.fetch_add(1, Ordering::Relaxed);
        let template = Arc::new(Template::new(id, schema, collection, request, purpose, spec)?);
        self.kept.templates.insert(key.to_key(), template.clone());
        Ok(template)
    }
}

fn fill(plan: &Plan, values: &[Val<'_>], given: Given<'_>) -> Statement {
    let binds = plan.slots.iter().map(|slot| slot.fill(values, given)).collect();
    Statement { sql: plan.sql.clone(), binds, pace: plan.pace.clone() }
}

fn json_list(ids: &[&str]) -> Result<String> {
    serde_json::to_string(ids).map_err(Error::internal)
}
