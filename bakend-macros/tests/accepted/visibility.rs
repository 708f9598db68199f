//! A collection may be seen further than what its fields lead to, and one type may be written in several ways.
#![deny(private_interfaces, private_bounds)]

mod hidden {
    use bakend::{Collection, Id, Relation};

    #[derive(Collection)]
    #[collection(name = "authors")]
    struct Author {
        id: Id<Author>,
    }

    // Both are seen further than what their fields lead to.
    #[derive(Collection)]
    #[collection(name = "essays")]
    pub struct Essay {
        pub id: Id<Essay>,
        author: Relation<Author>,
        more: Vec<Relation<Author>>,
        editor: Option<Relation<Author>>,
        pub(super) column: Option<Relation<Column>>,
    }

    #[derive(Collection)]
    #[collection(name = "columns")]
    pub(crate) struct Column {
        pub id: Id<Column>,
        author: Relation<Author>,
        pub(self) essays: Vec<Relation<Essay>>,
    }

    // It is seen no further than its fields, whatever they say.
    #[derive(Collection)]
    #[collection(name = "drafts")]
    struct Draft {
        pub id: Id<Draft>,
        pub author: Relation<Author>,
        pub(crate) others: Vec<Relation<Author>>,
    }

    pub fn essay() {
        let id = Id::<Author>::new("x");
        let _ = Essay::new(&id).more([&id]);
        let _ = |essay: Essay| (essay.author, essay.more, essay.editor);
        let _ = |column: Column| (column.author, column.essays);
        let _ = |draft: Draft| (draft.id, draft.author, draft.others);
        let _ = |author: Author| author.id;
    }
}

mod people {
    use bakend::{Collection, Id};

    #[derive(Collection)]
    #[collection(name = "people")]
    pub struct Person {
        pub id: Id<Person>,
    }
}

use bakend::{Collection, Id, Relation};
use people::Person;

/// One type by two paths.
#[derive(Collection)]
#[collection(name = "links")]
pub struct Link {
    pub id: Id<Link>,
    pub from: Relation<Person>,
    pub to: Relation<people::Person>,
}

#[test]
fn collections_seen_further_than_their_fields() {
    hidden::essay();
    let person = Id::<Person>::new("x");
    let _ = Link::new(&person, &person);
    let _ = |link: Link| (link.id, link.from, link.to, |person: Person| person.id);
}
