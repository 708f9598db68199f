//! What went together with a deleted record: who may hear of its end is asked as if all of that were still there.

use crate::{
    Result,
    limits::REALTIME_CASCADE_MAX_CHANGES,
    schema::Schema,
    service::{
        App,
        changes::{self, Action, Change},
    },
};

/// What is known of cascades of which some changes are a part: their other entries.
#[derive(Default)]
pub(super) struct Around {
    earlier: Vec<Change>,
    later: Vec<Change>,
    /// Where each cascade began, and where it ended.
    wholes: Vec<(i64, i64)>,
    /// Whether deletions may go on behind what is known.
    is_cut: bool,
}

impl Around {
    /// Reads what lies before and behind some changes.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(app: &App, changes: &[Change]) -> Result<Self> {
        let is_delete = |change: &Change| change.action == Action::Delete;
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return Ok(Self::default()) };
        if !changes.iter().any(is_delete) {
            return Ok(Self::default());
        }
        let until = changes::goes_on_until(app, last.seq, REALTIME_CASCADE_MAX_CHANGES).await?;
        let later = between(app, last.seq, until).await?;
        let near = first.seq - i64::from(REALTIME_CASCADE_MAX_CHANGES);
        let began = changes.iter().chain(&later).filter_map(Change::began).filter(|began| *began >= near).min();
        let earlier = between(app, began.unwrap_or(first.seq) - 1, first.seq - 1).await?;
        let is_cut = until - last.seq >= i64::from(REALTIME_CASCADE_MAX_CHANGES);
        Ok(Self::new(earlier, changes, later, is_cut))
    }

    fn new(earlier: Vec<Change>, changes: &[Change], later: Vec<Change>, is_cut: bool) -> Self {
        let wholes = changes.iter().chain(&later).filter_map(|last| Some((last.began()?, last.seq))).collect();
        Self { earlier, later, wholes, is_cut }
    }

    /// When that cannot be read.
    pub fn unknown(changes: &[Change]) -> Self {
        Self::new(Vec::new(), changes, Vec::new(), true)
    }

    /// The deleted record at a position among the changes, and what went together with it; `None`: not all of that is known.
    pub fn together<'a>(&'a self, changes: &'a [Change], at: usize) -> Option<Vec<&'a Change>> {
        let own = changes[at].seq;
        let known = || self.earlier.iter().chain(changes).chain(&self.later);
        let is_delete = |change: &&Change| change.action == Action::Delete;
        // The last entry of a cascade says where it began. A hook may have had another one in between.
        let whole = self.wholes.iter().find(|(first, last)| *first <= own && own <= *last);
        if let Some((first, last)) = whole.copied() {
            let all = known().skip_while(|change| change.seq < first).take_while(|change| change.seq <= last);
            let is_known = known().next().is_some_and(|known| known.seq <= first);
            return is_known.then(|| all.filter(is_delete).collect());
        }
        // Rows that the database removes with another row follow it; in any case they were still there when it went.
        let goes_on = |change: &&Change| matches!(change.action, Action::Delete | Action::Link);
        let behind = || known().skip_while(|change| change.seq < own);
        let is_known = !self.is_cut || !behind().all(|change| goes_on(&change));
        is_known.then(|| behind().take_while(goes_on).filter(is_delete).collect())
    }
}

/// The entries behind one, up to another.
async fn between(app: &App, behind: i64, until: i64) -> Result<Vec<Change>> {
    let count = u32::try_from(until - behind).unwrap_or_default();
    let mut found = if count == 0 { Vec::new() } else { changes::after(app, behind, count).await? };
    found.retain(|change| change.seq <= until);
    Ok(found)
}

/// Stands for what went and is not known: whoever asks for a record of any collection hears that it cannot be read.
pub(super) fn unreadable(schema: &Schema) -> Vec<Change> {
    let one = |collection: &str| Change {
        seq: 0,
        collection: collection.to_owned(),
        record: String::new(),
        action: Action::Delete,
        old: None,
        at: 0,
    };
    schema.collections().iter().map(|collection| one(&collection.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(seq: i64, action: Action, old: &str) -> Change {
        let old = Some(old.to_owned());
        Change { seq, collection: "c".to_owned(), record: String::new(), action, old, at: 0 }
    }

    fn seqs(around: &Around, all: &[Change], at: usize) -> Option<Vec<i64>> {
        around.together(all, at).map(|all| all.iter().map(|change| change.seq).collect())
    }

    #[test]
    fn a_cascade_goes_together_and_what_went_before_by_itself_does_not() {
        use Action::{Delete, Link, Update};
        let ended = r#"[{"id":"x"},{" since":11}]"#;
        let all = [
            change(9, Delete, r#"[{"id":"by itself","text":"{\" since\":1}"}]"#),
            change(10, Update, ""),
            change(11, Delete, "[]"),
            change(12, Link, ""),
            change(13, Delete, ended),
            change(14, Delete, "[]"),
            change(15, Delete, "[]"),
        ];
        let found = |earlier: &[Change], all: &[Change], at: usize| {
            seqs(&Around::new(earlier.to_vec(), all, Vec::new(), false), all, at)
        };
        for (at, seqs) in [(0, vec![9]), (2, vec![11, 13]), (4, vec![11, 13]), (5, vec![14, 15]), (6, vec![15])] {
            assert_eq!(found(&[], &all, at), Some(seqs), "{at}");
        }
        assert_eq!(found(&[], &all[4..], 0), None, "it began before");
        assert_eq!(found(&all[2..4], &all[4..], 0), Some(vec![11, 13]));
        let around = [
            change(20, Delete, "[]"),
            change(21, Update, ""),
            change(22, Delete, "[]"),
            change(23, Delete, r#"[{"id":"y"},{" since":22}]"#),
            change(24, Delete, r#"[{"id":"z"},{" since":20}]"#),
        ];
        for (at, seqs) in [(0, vec![20, 22, 23, 24]), (2, vec![22, 23]), (4, vec![20, 22, 23, 24])] {
            assert_eq!(found(&[], &around, at), Some(seqs), "{at}");
        }
    }

    #[test]
    fn a_cascade_that_goes_on_behind_the_changes_is_whole_or_not_known() {
        use Action::{Delete, Update};
        let all = [change(1, Delete, "[]"), change(2, Update, ""), change(3, Delete, "[]"), change(4, Delete, "[]")];
        let later = [change(5, Delete, "[]"), change(6, Delete, r#"[{"id":"y"},{" since":3}]"#)];
        let around = |later: &[Change], is_cut: bool| Around::new(Vec::new(), &all, later.to_vec(), is_cut);
        for (at, expected) in [(0, vec![1]), (2, vec![3, 4, 5, 6]), (3, vec![3, 4, 5, 6])] {
            assert_eq!(seqs(&around(&later, false), &all, at), Some(expected), "{at}");
        }
        let unmarked = around(&later[..1], false);
        assert_eq!(seqs(&unmarked, &all, 3), Some(vec![4, 5]), "what the database removed in one go");
        let cut = around(&later[..1], true);
        assert_eq!((seqs(&cut, &all, 0), seqs(&cut, &all, 2)), (Some(vec![1]), None));
    }
}
