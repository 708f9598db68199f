//! Filters, rules and sorts, run on SQLite: the same answers as recorded from PocketBase 0.40.6, except where listed.

mod fixture;
mod hostile;
mod statements;
mod verdicts;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone};

use crate::{
    Kind, Result, clock,
    query::{ListSpec, Planner},
};
use fixture::Fixture;

/// A line of the record: who asks, which collection, `filter`, `rule` or `sort`, the text, and what came back.
struct Case<'a> {
    who: &'a str,
    collection: &'a str,
    kind: &'a str,
    text: &'a str,
    expected: &'a str,
}

impl<'a> Case<'a> {
    fn parse(line: &'a str) -> Self {
        let (ask, expected) = line.rsplit_once(" =>").expect("a line has an answer");
        let mut words = ask.splitn(4, ' ');
        let mut word = || words.next().expect("a line has four words");
        Self { who: word(), collection: word(), kind: word(), text: word(), expected: expected.trim() }
    }

    fn answer(&self, fixture: &Fixture, planner: &Planner) -> Result<String> {
        let collection = fixture.collection(self.collection);
        let request = fixture.request(self.who);
        let mut spec = ListSpec { limit: 200, ..ListSpec::default() };
        match self.kind {
            "filter" => spec.filter = self.text,
            "sort" => spec.sort = self.text,
            _ => {
                spec.rule = Some(self.text);
                planner.check_rule(&fixture.schema, collection, self.text)?;
            }
        }
        let rows = fixture.rows(&planner.list(&fixture.schema, collection, &request, &spec)?);
        let count = fixture.rows(&planner.count(&fixture.schema, collection, &request, &spec)?);
        let name = collection.position("n").expect("every collection of the fixture has names");
        let mut names: Vec<String> = rows.iter().map(|row| row[name].clone()).collect();
        assert_eq!(count[0][0], names.len().to_string(), "count of {} {}", self.kind, self.text);
        if self.kind != "sort" {
            names.sort();
        }
        Ok(names.join(" "))
    }
}

/// Where bakend answers differently, and why.
fn intended() -> BTreeMap<&'static str, &'static str> {
    include_str!("intended.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.rsplit_once(" =>").expect("a line has an answer"))
        .map(|(ask, answer)| (ask, answer.trim()))
        .collect()
}

/// A Saturday of this year, as the day of the record was one: some answers go by `@weekday`, and the database has its own word for the year.
fn recorded_day() -> Timestamp {
    let day = |offset: i64| Timestamp::now().saturating_add(SignedDuration::from_hours(24 * offset)).expect("a day");
    let date = |moment: Timestamp| TimeZone::UTC.to_datetime(moment).date();
    let is_like_it = |moment: &Timestamp| {
        date(*moment).weekday() == Weekday::Saturday && date(*moment).year() == date(day(0)).year()
    };
    (-6..=6).map(day).find(is_like_it).expect("a week before and a week behind today have one")
}

#[test]
fn the_answers_are_those_of_pocketbase() {
    let clock = clock::Clock::default();
    clock.set(recorded_day());
    let _following = clock.follow();
    let mut fixture = Fixture::new();
    let planner = fixture.planner();
    let mut intended = intended();
    let mut wrong = Vec::new();
    for line in include_str!("recorded.txt").lines() {
        if let Some(rule) = line.strip_prefix("set users ") {
            fixture.set_list_rule("users", (rule != "null").then_some(rule));
            continue;
        }
        if line.starts_with('#') {
            continue;
        }
        let case = Case::parse(line);
        let expected = intended.remove(line.rsplit_once(" =>").expect("checked").0).unwrap_or(case.expected);
        let answer = match case.answer(&fixture, &planner) {
            Ok(names) => names,
            Err(error) if error.kind() == Kind::Forbidden => "403".to_owned(),
            Err(error) if error.kind() == Kind::Invalid && case.kind == "rule" => "refused".to_owned(),
            Err(error) if error.kind() == Kind::Invalid => "400".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        if answer != expected {
            wrong.push(format!("{line}\n    bakend: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(intended.is_empty(), "intended differences that are none: {intended:?}");
}
