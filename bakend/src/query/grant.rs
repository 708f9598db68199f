//! What an API key may do: never more than its owner, and often less.

use std::collections::BTreeMap;

/// What can be done with records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Seeing a page of them.
    List,
    /// Seeing one, and what it points at.
    View,
    /// Making one.
    Create,
    /// Changing one.
    Update,
    /// Ending one.
    Delete,
}

/// What is not included in "everything", because it would let a key outgrow itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Passwords, email addresses, and whatever else decides who can sign in.
    Account,
    /// API keys.
    Keys,
    /// Sessions, and tokens for others.
    Sessions,
    /// The settings.
    Settings,
}

const RIGHTS: [(Right, &str); 5] = [
    (Right::List, "list"),
    (Right::View, "view"),
    (Right::Create, "create"),
    (Right::Update, "update"),
    (Right::Delete, "delete"),
];
const AREAS: [(Area, &str); 4] =
    [(Area::Account, "account"), (Area::Keys, "keys"), (Area::Sessions, "sessions"), (Area::Settings, "settings")];
const ALL: &str = "*";
const EVERY_RIGHT: u8 = 0b1_1111;

impl Right {
    /// As scopes spell it.
    pub fn as_str(self) -> &'static str {
        RIGHTS[self as usize].1
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Area {
    /// As scopes spell it.
    pub fn as_str(self) -> &'static str {
        AREAS[self as usize].1
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The scopes of a key, understood.
///
/// A scope is `*` (everything the owner may, but for the areas), `COLLECTION:ACTION` with `*` for any collection or any action, or the
/// name of an area: `account`, `keys`, `sessions`, `settings`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    everything: bool,
    areas: u8,
    /// Actions on all collections.
    anywhere: u8,
    /// Actions by the ids of collections.
    collections: BTreeMap<String, u8>,
}

impl Grant {
    /// Understands scopes; `id_of` gives the id of a collection that a scope names.
    ///
    /// # Errors
    /// The position of the first scope that says nothing, or names a collection that `id_of` does not know.
    pub fn parse<'a>(
        scopes: impl IntoIterator<Item = &'a str>,
        id_of: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, usize> {
        let mut grant = Self::default();
        for (at, scope) in scopes.into_iter().enumerate() {
            grant.add(scope, &id_of).ok_or(at)?;
        }
        Ok(grant)
    }

    fn add(&mut self, scope: &str, id_of: &impl Fn(&str) -> Option<String>) -> Option<()> {
        if scope == ALL {
            self.everything = true;
            return Some(());
        }
        if let Some((area, _)) = AREAS.iter().find(|(_, name)| *name == scope) {
            self.areas |= area.bit();
            return Some(());
        }
        let (collection, action) = scope.split_once(':')?;
        let actions = match action {
            ALL => EVERY_RIGHT,
            name => RIGHTS.iter().find(|(_, own)| *own == name)?.0.bit(),
        };
        match collection {
            ALL => self.anywhere |= actions,
            name => *self.collections.entry(id_of(name)?).or_default() |= actions,
        }
        Some(())
    }

    /// The scopes, each once; `name_of` gives what to call a collection.
    pub fn scopes(&self, name_of: impl Fn(&str) -> String) -> Vec<String> {
        let mut scopes = Vec::new();
        if self.everything {
            scopes.push(ALL.to_owned());
        }
        spell(ALL, self.anywhere, &mut scopes);
        for (id, actions) in &self.collections {
            spell(&name_of(id), *actions, &mut scopes);
        }
        scopes.extend(AREAS.iter().filter(|(area, _)| self.allows_area(*area)).map(|(_, name)| (*name).to_owned()));
        scopes
    }

    /// Whether this may be done with records of the collection with this id.
    pub fn allows(&self, collection_id: &str, action: Right) -> bool {
        let own = self.collections.get(collection_id).copied().unwrap_or_default();
        self.everything || (self.anywhere | own) & action.bit() != 0
    }

    /// Whether this may be done with records of any collection.
    pub fn allows_anywhere(&self, action: Right) -> bool {
        self.everything || self.anywhere & action.bit() != 0
    }

    /// Whether an area is open.
    pub fn allows_area(&self, area: Area) -> bool {
        self.areas & area.bit() != 0
    }

    /// Whether it has all but the areas that its owner has.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether it allows nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it allows all that another one does.
    pub fn covers(&self, other: &Self) -> bool {
        let actions = |own: u8, theirs: u8| self.everything || theirs & !own == 0;
        let of = |id: &String| self.anywhere | self.collections.get(id).copied().unwrap_or_default();
        (self.everything || !other.everything)
            && other.areas & !self.areas == 0
            && actions(self.anywhere, other.anywhere)
            && other.collections.iter().all(|(id, theirs)| actions(of(id), *theirs))
    }
}

fn spell(collection: &str, actions: u8, scopes: &mut Vec<String>) {
    if actions == EVERY_RIGHT {
        scopes.push(format!("{collection}:{ALL}"));
        return;
    }
    let named = RIGHTS.iter().filter(|(action, _)| actions & action.bit() != 0);
    scopes.extend(named.map(|(_, name)| format!("{collection}:{name}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(scopes: &[&str]) -> Grant {
        let known = |name: &str| (name != "nope").then(|| format!("id_{name}"));
        Grant::parse(scopes.iter().copied(), known).expect("parses")
    }

    #[test]
    fn a_scope_allows_what_it_names_and_nothing_else() {
        let some = grant(&["posts:list", "posts:view", "*:create", "notes:*", "settings"]);
        for (collection, action, allowed) in [
            ("id_posts", Right::List, true),
            ("id_posts", Right::Create, true),
            ("id_posts", Right::Update, false),
            ("id_notes", Right::Delete, true),
            ("id_else", Right::Create, true),
            ("id_else", Right::List, false),
        ] {
            assert_eq!(some.allows(collection, action), allowed, "{collection} {action:?}");
        }
        assert!(some.allows_area(Area::Settings) && !some.allows_area(Area::Keys) && !some.is_everything());
        let all = grant(&["*"]);
        assert!(all.allows("id_x", Right::Delete) && all.is_everything());
        assert!(AREAS.iter().all(|(area, _)| !all.allows_area(*area)), "areas are named one by one");
        assert!(grant(&[]).is_empty() && !all.is_empty());
    }

    #[test]
    fn scopes_are_told_back_and_wrong_ones_by_position() {
        let told = grant(&["keys", "posts:view", "*:list", "posts:list", "a:*"]).scopes(|id| id[3..].to_owned());
        assert_eq!(told, ["*:list", "a:*", "posts:list", "posts:view", "keys"]);
        for wrong in ["", "posts", "posts:", "posts:fly", "nope:list", "posts:list:x", "Settings"] {
            let known = |name: &str| (name != "nope").then(|| name.to_owned());
            assert_eq!(Grant::parse(["*", wrong], known), Err(1), "{wrong}");
        }
    }

    #[test]
    fn a_grant_covers_what_is_no_more_than_itself() {
        for (one, other, covers) in [
            (&["*"][..], &["posts:*", "*:list"][..], true),
            (&["*"], &["settings"], false),
            (&["*:*"], &["*"], false),
            (&["*:list"], &["posts:list"], true),
            (&["posts:list"], &["*:list"], false),
            (&["posts:*", "keys"], &["posts:view", "keys"], true),
            (&["posts:view"], &["posts:view", "posts:list"], false),
            (&[], &[], true),
        ] {
            assert_eq!(grant(one).covers(&grant(other)), covers, "{one:?} {other:?}");
        }
    }
}
