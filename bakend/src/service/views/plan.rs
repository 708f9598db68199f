//! What comes of a view's query: fields, and the text that the database is given.

use std::{
    collections::{HashMap, HashSet},
    mem::discriminant,
    sync::Arc,
};

use super::{
    fields::{self, Columns},
    parse, rewrite,
};
use crate::{
    Error, Result,
    query::{Dialect, Pace, Statement},
    schema::{Collection, Field, Schema},
    service::App,
    store::{self, Conn},
};

/// A view, ready to be created.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// A field a column.
    pub fields: Vec<Field>,
    /// One `SELECT` with these columns.
    pub sql: String,
}

/// Plans a view; `schema` holds the collections that it may read. With `checks_ids`, its rows as they are now must have ids of their own.
///
/// # Errors
/// `Invalid`: the query is refused; [`reason`] says why.
pub(crate) fn plan(conn: &Conn, dialect: &dyn Dialect, schema: &Schema, query: &str, checks_ids: bool) -> Result<Plan> {
    let parsed = parse::parse(query).map_err(Error::invalid)?;
    let sql = rewrite::for_database(schema, dialect, &parsed).map_err(Error::invalid)?;
    let select = format!("SELECT * FROM (\n{sql}\n)");
    let described = store::inspect::describe_select(conn, &select, 0)?;
    store::inspect::check_readable(conn, &select, readable(schema))?;
    let columns = match &parsed.query {
        Some(query) => fields::of_query(schema, query),
        None => fields::of_names(described.columns.iter().map(|column| column.name.as_str())),
    }
    .map_err(Error::invalid)?;
    let plan = Plan { sql: with_text_id(&sql, &columns), fields: columns.fields };
    if checks_ids && !columns.ids_are_unique {
        check_ids(conn, &plan.sql)?;
    }
    Ok(plan)
}

/// The tables of collections, with the columns that no view may read: whoever may see the view would see them.
fn readable(schema: &Schema) -> HashMap<String, HashSet<String>> {
    let secrets = |collection: &Collection| {
        let secret = collection.fields.iter().filter(|field| collection.keeps_secret(field));
        secret.map(|field| field.name.to_lowercase()).collect()
    };
    schema.collections().iter().map(|one| (one.name.to_lowercase(), secrets(one))).collect()
}

/// Plans a view over the collections as they are.
///
/// # Errors
/// As of [`plan`].
pub(crate) async fn plan_now(app: &App, schema: &Arc<Schema>, query: &str) -> Result<Plan> {
    let (dialect, schema, query) = (app.planner().dialect(), Arc::clone(schema), query.to_owned());
    app.store().db().read(&Pace::default(), move |conn| plan(conn, dialect, &schema, &query, true)).await
}

/// Why a query was refused, as part of a sentence: the database's own words when it was the database.
pub(crate) fn reason(error: &Error) -> String {
    store::reason(error).unwrap_or_else(|| {
        let mut chars = error.message().trim_end_matches('.').chars();
        chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
    })
}

/// The same fields, with the ids that fields of the same name and type have already.
pub(crate) fn keep_ids(mut fields: Vec<Field>, known: &[Field]) -> Vec<Field> {
    for field in &mut fields {
        let same = |other: &&Field| other.name == field.name && discriminant(&other.kind) == discriminant(&field.kind);
        if let Some(other) = known.iter().find(same) {
            field.id.clone_from(&other.id);
        }
    }
    fields
}

/// Ids are text whatever the query computes.
fn with_text_id(sql: &str, columns: &Columns) -> String {
    if columns.id_is_text && !sql.starts_with('(') {
        return sql.to_owned();
    }
    let column = |field: &Field| {
        let name = format!("\"{}\"", field.name);
        if field.name == "id" { format!("CAST({name} AS TEXT) AS {name}") } else { name }
    };
    let list: Vec<_> = columns.fields.iter().map(column).collect();
    // The line break ends a comment that the query may end with.
    format!("SELECT {} FROM (\n{sql}\n)", list.join(", "))
}

fn check_ids(conn: &Conn, sql: &str) -> Result<()> {
    let asks = [
        ("WHERE \"id\" IS NULL OR \"id\" = ''", "the query could return records with empty or invalid ids"),
        ("GROUP BY \"id\" HAVING COUNT(*) > 1", "the query could return records with non-unique ids"),
    ];
    for (condition, reason) in asks {
        let ask = Statement::new(format!("SELECT 1 FROM (\n{sql}\n) {condition} LIMIT 1"), Vec::new());
        if conn.rows(&ask, |_| Ok(()))? > 0 {
            return Err(Error::invalid(reason));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        schema::{
            CollectionKind, FieldKind, Rules, Scalar,
            field::{relation::RelationOptions, text::TextOptions},
        },
        store::{Store, StoreOptions},
    };

    fn field(name: &str, kind: FieldKind) -> Field {
        Field {
            id: format!("f_{name}"),
            name: name.to_owned(),
            system: false,
            hidden: false,
            presentable: false,
            required: false,
            help: String::new(),
            kind,
        }
    }

    fn text(name: &str) -> Field {
        field(name, FieldKind::Text(TextOptions { primary_key: name == "id", ..TextOptions::default() }))
    }

    fn relation(name: &str, max_select: i64) -> Field {
        let options = RelationOptions { collection_id: "c_cats".to_owned(), max_select, ..RelationOptions::default() };
        field(name, FieldKind::Relation(options))
    }

    fn collection(name: &str, fields: Vec<Field>) -> Arc<Collection> {
        Arc::new(Collection {
            id: format!("c_{name}"),
            name: name.to_owned(),
            kind: CollectionKind::Base,
            system: false,
            rules: Rules::default(),
            fields,
            indexes: Vec::new(),
            created: String::new(),
            updated: String::new(),
            auth: None,
            view_query: String::new(),
        })
    }

    const TABLES: &str = "
        CREATE TABLE cats (id TEXT PRIMARY KEY, title TEXT NOT NULL);
        CREATE TABLE posts (id TEXT PRIMARY KEY, title TEXT NOT NULL, n NUMERIC NOT NULL, live BOOLEAN NOT NULL, cat TEXT);
        CREATE TABLE _rel_posts_cats (source TEXT, target TEXT, position INTEGER);
        CREATE INDEX posts_cat ON posts (cat);
        INSERT INTO cats VALUES ('c1', 'one'), ('c2', 'two');
        INSERT INTO posts VALUES ('p1', 'first', 3, 1, 'c1'), ('p2', 'second', 0, 0, NULL);
        INSERT INTO _rel_posts_cats VALUES ('p1', 'c2', 0), ('p1', 'c1', 1);";

    struct House {
        _dir: tempfile::TempDir,
        store: Store,
        schema: Arc<Schema>,
    }

    async fn house() -> House {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(StoreOptions::new(dir.path())).await.expect("opens");
        store.db().write(|conn| conn.run_script(TABLES)).await.expect("tables");
        let posts = vec![
            text("id"),
            text("title"),
            field("n", FieldKind::Number(Default::default())),
            field("live", FieldKind::Bool),
            relation("cat", 1),
            relation("cats", 9),
        ];
        let cats = vec![text("id"), text("title")];
        let schema = Arc::new(Schema::new(1, vec![collection("cats", cats), collection("posts", posts)]));
        House { _dir: dir, store, schema }
    }

    impl House {
        async fn plan(&self, query: &str) -> Result<(Plan, Vec<Vec<Scalar>>)> {
            let (dialect, schema, query) = (self.store.dialect(), Arc::clone(&self.schema), query.to_owned());
            let work = move |conn: &Conn| {
                let plan = plan(conn, dialect, &schema, &query, true)?;
                let rows = store::inspect::describe_select(conn, &plan.sql, 10)?.rows;
                Ok((plan, rows))
            };
            self.store.db().read(&Pace::default(), work).await
        }

        async fn refusal(&self, query: &str) -> String {
            match self.plan(query).await {
                Ok((plan, _)) => panic!("{query} was accepted as {plan:?}"),
                Err(error) => reason(&error),
            }
        }
    }

    /// `name:type`, with `!` behind whole numbers.
    fn shown(fields: &[Field]) -> String {
        let name = |field: &Field| {
            let kind = match &field.kind {
                FieldKind::Text(_) => "text".to_owned(),
                FieldKind::Number(options) if options.only_int => "number!".to_owned(),
                FieldKind::Number(_) => "number".to_owned(),
                FieldKind::Bool => "bool".to_owned(),
                FieldKind::Relation(options) => format!("{}*{}", options.collection_id, options.max_select),
                FieldKind::Json(options) => format!("json{}", options.max_size),
                other => format!("{other:?}"),
            };
            let copy = if field.id.starts_with("_clone_") { "~" } else { "" };
            format!("{copy}{}:{kind}", field.name)
        };
        fields.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[tokio::test]
    async fn columns_get_the_types_of_their_expressions() {
        let house = house().await;
        for (query, fields) in [
            (
                "select id, title t, n, live, cat, cats from posts",
                "id:text ~t:text ~n:number ~live:bool ~cat:c_cats*1 ~cats:c_cats*9",
            ),
            (
                "select p.id, c.id as cid, p.id pid from posts p left join cats c on c.id = p.cat",
                "id:text cid:c_cats*1 pid:c_posts*1",
            ),
            (
                "select id, count(n) a, Count(*) b, total(n) c, sum(n) d, count(id)+1 e from posts group by id",
                "id:text a:number! b:number! c:number d:json1 e:number!",
            ),
            (
                "select id, cast(n as int) a, cast(n as decimal(3,1)) b, cast(n as text) c, cast(n as boolean) d, cast(n as blob) e, (n) f from posts",
                "id:text a:number! b:number c:text d:bool e:json1 f:json1",
            ),
            ("with x as (select id, title as tt from posts) select id, tt from x", "id:text tt:json1"),
            ("(select id, Title from Posts)", "id:text ~Title:text"),
            ("select (row_number() over ()) as id, title || 'x' as y from posts;", "id:text y:json1"),
            ("select id, title from posts union all select id, title from cats -- all", "id:text ~title:text"),
        ] {
            let (plan, _) = house.plan(query).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
            assert_eq!(shown(&plan.fields), fields, "{query}");
        }
    }

    #[tokio::test]
    async fn a_refused_query_says_why() {
        let house = house().await;
        for (query, words) in [
            ("select id, nope from posts", "SQL logic error: no such column: nope (1)"),
            (
                "select title from posts",
                "missing required id column (you can use `(ROW_NUMBER() OVER()) as id` if you don't have one)",
            ),
            ("select id, * from posts", "wildcard columns (*) are not supported"),
            ("select p.* from posts p", "wildcard columns (*) are not supported"),
            ("select id, title from posts; select 1", "multiple statements are not supported"),
            ("select id, title as \"my b\" from posts", "invalid field \"my b\" (1): name: must be in a valid format"),
            ("select id, title as expand from posts", "invalid field \"expand\" (1): name: must not be in list"),
            (
                "select id, title, n as Title from posts",
                "invalid field \"Title:1\" (2): name: must be in a valid format",
            ),
            ("select null as id", "the query could return records with empty or invalid ids"),
            ("select cat as id from posts", "the query could return records with empty or invalid ids"),
            ("select p.id from posts p, cats", "the query could return records with non-unique ids"),
            ("delete from posts", "SQL logic error: near \"delete\": syntax error (1)"),
            ("select id from posts) union select (id from posts", "unbalanced parentheses"),
        ] {
            let given = house.refusal(query).await;
            assert!(given.starts_with(words), "{query}: {given}");
        }
    }

    #[tokio::test]
    async fn relations_look_like_text_and_arrays_though_they_are_keys_and_join_tables() {
        let house = house().await;
        for (query, rows) in [
            ("select id, cats from posts", r#"[["p1","[\"c2\",\"c1\"]"],["p2","[]"]]"#),
            ("select id, cat c from posts p where cat = ''", r#"[["p2",null]]"#),
            ("select id, json_array_length(cats) as x from posts where json_array_length(cats) > 0", r#"[["p1",2]]"#),
            ("select id, n / 2 as x, cast(n as text) as y from posts", r#"[["p1",1,"3"],["p2",0,"0"]]"#),
            ("select id, coalesce(cat, 'none') as x from posts", r#"[["p1","c1"],["p2",""]]"#),
            (
                "select (p.id || c.id) as id, c.title from posts p join cats c on c.id in (select value from json_each(p.cats)) order by 1",
                r#"[["p1c1","one"],["p1c2","two"]]"#,
            ),
            (
                "select c.id, count(p.id) as total from cats c left join posts p on p.cat = c.id group by c.id",
                r#"[["c1",1],["c2",0]]"#,
            ),
            ("select x.id, x.cats from (select * from posts) x", r#"[["p1","[\"c2\",\"c1\"]"],["p2","[]"]]"#),
            (
                "with x as (select id, cats from posts) select id, cats from x",
                r#"[["p1","[\"c2\",\"c1\"]"],["p2","[]"]]"#,
            ),
        ] {
            let (plan, given) = house.plan(query).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
            let given: Vec<Vec<serde_json::Value>> = given.iter().map(|row| row.iter().map(plain).collect()).collect();
            assert_eq!(serde_json::to_string(&given).expect("json"), rows, "{query}\n{}", plan.sql);
        }
    }

    fn plain(value: &Scalar) -> serde_json::Value {
        match value {
            Scalar::Null => serde_json::Value::Null,
            Scalar::Int(number) => (*number).into(),
            Scalar::Real(number) => (*number).into(),
            Scalar::Text(text) => text.as_str().into(),
        }
    }

    #[tokio::test]
    async fn a_join_on_a_single_relation_is_left_to_its_index() {
        let house = house().await;
        let query = "select c.id, count(p.id) as total from cats c left join posts p on p.cat = c.id group by c.id";
        assert_eq!(house.plan(query).await.expect("valid").0.sql, query);
        let mixed = "select p.id, c.id as cid from cats c left join posts p on p.cat = c.id where p.cat != ''";
        let (plan, rows) = house.plan(mixed).await.expect("valid");
        assert!(plan.sql.contains("__raw__cat"), "{}", plan.sql);
        assert_eq!(rows.len(), 1);
    }
}
