//! How SQLite spells what databases spell differently.

use sea_query::{
    Alias, BinOper, CaseStatement, Expr, ExprTrait as _, Func, FunctionCall, Keyword, Query, SelectStatement,
    SqliteQueryBuilder, Values,
};

use super::functions::GEO_DISTANCE;
use crate::query::{Dialect, JsonStep};

/// SQLite's spelling.
#[derive(Clone, Copy, Debug)]
pub struct SqliteDialect;

/// The column of the elements of `json_each`.
const ELEMENT: &str = "value";
/// The alias around the rows of an array.
const ROWS: &str = "x";

impl Dialect for SqliteDialect {
    fn build(&self, statement: &SelectStatement) -> (String, Values) {
        statement.build(SqliteQueryBuilder)
    }

    fn text_array(&self, mut ordered_texts: SelectStatement) -> Expr {
        // json_group_array keeps the order of the rows it is given; the inner query gives them in theirs
        let texts = std::mem::take(&mut ordered_texts);
        let mut array = Query::select();
        array
            .expr(call("json_group_array", [Expr::col((Alias::new(ROWS), Alias::new("target")))]))
            .from_subquery(texts, Alias::new(ROWS));
        Expr::SubQuery(None, Box::new(array.into()))
    }

    fn elements(&self, array: Expr) -> FunctionCall {
        debug_assert_eq!(ELEMENT, "value", "the trait promises this name");
        function("json_each", [array])
    }

    fn valid_json(&self, text: Expr) -> Expr {
        CaseStatement::new().case(call("json_valid", [text.clone()]), text).into()
    }

    fn array_length(&self, array: Expr) -> Expr {
        call("json_array_length", [array])
    }

    fn json(&self, json: Expr, path: &[JsonStep]) -> Expr {
        // An expression of a view, or a row written by hand, may hold text that is no JSON: it counts as a text.
        let plain = if path.is_empty() { json.clone() } else { Expr::Keyword(Keyword::Null) };
        let value = call("json_extract", [json.clone(), Expr::Constant(json_path(path).into())]);
        let is_json = call("json_valid", [json]).eq(Expr::Constant(1i64.into()));
        CaseStatement::new().case(is_json, value).finally(plain).into()
    }

    fn same(&self, left: Expr, right: Expr) -> Expr {
        left.binary(BinOper::Is, right)
    }

    fn not_same(&self, left: Expr, right: Expr) -> Expr {
        left.binary(BinOper::IsNot, right)
    }

    fn same_nocase(&self, left: Expr, right: Expr) -> Expr {
        Expr::cust_with_exprs("? = ? COLLATE NOCASE", [left, right])
    }

    fn like(&self, text: Expr, pattern: Expr) -> Expr {
        text.binary(BinOper::Like, escaped(pattern))
    }

    fn not_like(&self, text: Expr, pattern: Expr) -> Expr {
        text.binary(BinOper::NotLike, escaped(pattern))
    }

    fn number_text(&self, number: Expr) -> Expr {
        // printf takes NULL for 0
        let text = call("printf", [Expr::Constant("%.15g".into()), number.clone()]);
        CaseStatement::new().case(number.is_not_null(), text).into()
    }

    fn strftime(&self, arguments: Vec<Expr>) -> Expr {
        call("strftime", arguments)
    }

    fn geo_distance(&self, arguments: Vec<Expr>) -> Expr {
        call(GEO_DISTANCE, arguments)
    }

    fn without_index(&self, value: Expr) -> Expr {
        Expr::cust_with_expr("+?", value)
    }

    fn random(&self) -> Expr {
        Expr::from(Func::random())
    }

    fn insertion_order(&self, alias: &'static str) -> Option<Expr> {
        Some(Expr::col((Alias::new(alias), Alias::new("_rowid_"))))
    }
}

fn function(name: &'static str, arguments: impl IntoIterator<Item = Expr>) -> FunctionCall {
    Func::cust(Alias::new(name)).args(arguments)
}

fn call(name: &'static str, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::from(function(name, arguments))
}

fn escaped(pattern: Expr) -> Expr {
    pattern.binary(BinOper::Escape, Expr::Constant("\\".into()))
}

/// `$.a[0]."b:c"`. Keys come from identifiers of the filter grammar, which have no quotes; what is not a plain word is quoted.
fn json_path(path: &[JsonStep]) -> String {
    let mut out = "$".to_owned();
    for step in path {
        match step {
            JsonStep::Index(at) => out.push_str(&format!("[{at}]")),
            JsonStep::Key(key) if key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
                out.push('.');
                out.push_str(key);
            }
            JsonStep::Key(key) => {
                out.push_str(".\"");
                out.extend(key.chars().filter(|char| !matches!(char, '"' | '\\')));
                out.push('"');
            }
        }
    }
    out
}
