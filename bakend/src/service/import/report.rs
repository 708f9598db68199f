//! What an import did, and what it left out, for people to read.

use std::{fmt, path::PathBuf};

/// Ids listed of what was dropped or refused, per field or collection.
pub(super) const EXAMPLE_IDS_MAX: usize = 5;

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    /// Collections with the number of their records, in the order they were created.
    pub records: Vec<(String, u64)>,
    /// Views created.
    pub views: Vec<String>,
    /// Files copied.
    pub files: u64,
    /// Length of the files together, in bytes.
    pub bytes: u64,
    /// Whether the settings came along.
    pub has_settings: bool,
    /// References that pointed nowhere and were dropped.
    pub dangling: Vec<Dangling>,
    /// Records that the database refused.
    pub refused: Vec<Refused>,
    /// Settings, views, indexes and fields that could not be taken over.
    pub left_out: Vec<LeftOut>,
    /// Files with code that is not run.
    pub code_files: Vec<PathBuf>,
}

/// References of one field that pointed nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dangling {
    /// The collection's name.
    pub collection: String,
    /// The field's name.
    pub field: String,
    /// How many references.
    pub count: u64,
    /// Some of the records that held them.
    pub examples: Vec<String>,
}

/// Records of one collection that the database refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The collection's name.
    pub collection: String,
    /// How many records.
    pub count: u64,
    /// Why the first one was.
    pub reason: String,
    /// Some of their ids.
    pub examples: Vec<String>,
}

/// Something that could not be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What: `view "totals"`.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl ImportReport {
    /// Records of all collections together.
    pub fn records_total(&self) -> u64 {
        self.records.iter().map(|(_, count)| count).sum()
    }

    pub(super) fn leave_out(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        self.left_out.push(LeftOut { what: what.into(), reason: reason.into() });
    }

    pub(super) fn drop_reference(&mut self, collection: &str, field: &str, record: &str, count: u64) {
        let known = self.dangling.iter().position(|one| one.collection == collection && one.field == field);
        let at = known.unwrap_or_else(|| {
            let (collection, field) = (collection.to_owned(), field.to_owned());
            self.dangling.push(Dangling { collection, field, count: 0, examples: Vec::new() });
            self.dangling.len() - 1
        });
        let entry = &mut self.dangling[at];
        entry.count += count;
        if entry.examples.len() < EXAMPLE_IDS_MAX {
            entry.examples.push(record.to_owned());
        }
    }

    pub(super) fn refuse(&mut self, collection: &str, record: &str, reason: &str) {
        let at = self.refused.iter().position(|one| one.collection == collection).unwrap_or_else(|| {
            let (collection, reason) = (collection.to_owned(), reason.to_owned());
            self.refused.push(Refused { collection, count: 0, reason, examples: Vec::new() });
            self.refused.len() - 1
        });
        let entry = &mut self.refused[at];
        entry.count += 1;
        if entry.examples.len() < EXAMPLE_IDS_MAX {
            entry.examples.push(record.to_owned());
        }
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.records.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        writeln!(f, "{} records in {} collections:", self.records_total(), self.records.len())?;
        for (name, count) in &self.records {
            writeln!(f, "  {name:<width$}  {count}")?;
        }
        if !self.views.is_empty() {
            writeln!(f, "{} views: {}", self.views.len(), self.views.join(", "))?;
        }
        writeln!(f, "{} files, {} bytes", self.files, self.bytes)?;
        if self.has_settings {
            writeln!(f, "the settings")?;
        }
        self.fmt_losses(f)
    }
}

impl ImportReport {
    fn fmt_losses(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.dangling.is_empty() {
            writeln!(f, "\nReferences that pointed at no record were dropped:")?;
        }
        for one in &self.dangling {
            writeln!(f, "  {}.{}: {} (in {})", one.collection, one.field, one.count, listed(&one.examples, one.count))?;
        }
        if !self.refused.is_empty() {
            writeln!(f, "\nRecords that the database refused were left out:")?;
        }
        for one in &self.refused {
            let ids = listed(&one.examples, one.count);
            writeln!(f, "  {}: {} ({ids}): {}", one.collection, one.count, one.reason)?;
        }
        if !self.left_out.is_empty() {
            writeln!(f, "\nNot taken over:")?;
        }
        for one in &self.left_out {
            writeln!(f, "  {}: {}", one.what, one.reason)?;
        }
        if !self.code_files.is_empty() {
            writeln!(f, "\nCode for PocketBase is not run; rewrite it as functions:")?;
        }
        for path in &self.code_files {
            writeln!(f, "  {}", path.display())?;
        }
        Ok(())
    }
}

fn listed(examples: &[String], count: u64) -> String {
    let more = if count > examples.len() as u64 { ", …" } else { "" };
    format!("{}{more}", examples.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_with_a_few_examples() {
        let mut report = ImportReport { records: vec![("posts".to_owned(), 9)], ..ImportReport::default() };
        for at in 0..7 {
            report.drop_reference("posts", "cat", &format!("r{at}"), 1);
        }
        report.refuse("posts", "r9", "Value must be unique");
        assert_eq!(report.dangling[0].count, 7);
        assert_eq!(report.dangling[0].examples.len(), EXAMPLE_IDS_MAX);
        let text = report.to_string();
        assert!(text.contains("posts.cat: 7 (in r0, r1, r2, r3, r4, …)"), "{text}");
        assert!(text.contains("posts: 1 (r9): Value must be unique"), "{text}");
    }
}
