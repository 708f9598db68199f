//! What two databases spell differently, behind one trait; the store implements it.

use sea_query::{Expr, FunctionCall, SelectStatement, Values};

use super::known::JsonStep;

/// The expressions that databases spell differently. Everything else goes through sea-query.
pub trait Dialect: Send + Sync + 'static {
    /// SQL text with the database's own placeholders, and its binds in order.
    fn build(&self, statement: &SelectStatement) -> (String, Values);

    /// The JSON array of a subquery's texts in order, as text (`[]` when empty).
    fn text_array(&self, ordered_texts: SelectStatement) -> Expr;

    /// The rows of a JSON array given as text, for a FROM; each has its element in the column `value`. NULL has no rows.
    fn elements(&self, array: Expr) -> FunctionCall;

    /// Text that is JSON as it is, any other as NULL: a row written by hand must not break the statement.
    fn valid_json(&self, text: Expr) -> Expr;

    /// How many elements a JSON array given as text has.
    fn array_length(&self, array: Expr) -> Expr;

    /// What stands at a path in JSON given as text: scalars as the database's own, objects and arrays as text, NULL when missing.
    fn json(&self, json: Expr, path: &[JsonStep]) -> Expr;

    /// Whether two values are the same, with NULL like any other value; usable with an index.
    fn same(&self, left: Expr, right: Expr) -> Expr;

    /// The opposite of [`same`](Self::same).
    fn not_same(&self, left: Expr, right: Expr) -> Expr;

    /// Equality of texts that takes ASCII upper and lower case for the same.
    fn same_nocase(&self, left: Expr, right: Expr) -> Expr;

    /// `LIKE` without regard to case (ASCII at least), `\` in front of what is meant literally.
    fn like(&self, text: Expr, pattern: Expr) -> Expr;

    /// The opposite of [`like`](Self::like); NULL for NULL.
    fn not_like(&self, text: Expr, pattern: Expr) -> Expr;

    /// A number as text, whole ones without a fraction; NULL for NULL.
    fn number_text(&self, number: Expr) -> Expr;

    /// SQLite's `strftime`: format, then time and modifiers; without a time: now.
    fn strftime(&self, arguments: Vec<Expr>) -> Expr;

    /// Kilometres between two places given in degrees: longitude, latitude, longitude, latitude.
    fn geo_distance(&self, arguments: Vec<Expr>) -> Expr;

    /// The same value, but no reason to use an index on it.
    fn without_index(&self, value: Expr) -> Expr;

    /// A random order.
    fn random(&self) -> Expr;

    /// What tells the rows of a table apart by the order of their insertion, if the database keeps it.
    fn insertion_order(&self, alias: &'static str) -> Option<Expr>;
}
