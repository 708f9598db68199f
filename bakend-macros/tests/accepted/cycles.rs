//! Collections may point at each other and at themselves, from modules of their own and from the body of a function.

mod teams {
    use bakend::{Collection, Id, Relation};

    #[derive(Clone, Debug, Collection)]
    #[collection(name = "teams")]
    pub struct Team {
        pub id: Id<Team>,
        pub leader: Option<Relation<super::people::Person>>,
        pub parent: Option<Relation<Team>>,
        pub rivals: Vec<Relation<Self>>,
    }
}

mod people {
    use bakend::{Collection, Id};

    // A program may have names that the derive must not stumble over.
    #[allow(dead_code)]
    type Result<T> = std::result::Result<T, ()>;
    #[allow(dead_code)]
    struct Vec;

    #[derive(Clone, Debug, Collection)]
    #[collection(name = "people")]
    pub struct Person {
        pub id: Id<Person>,
        pub team: bakend::Relation<crate::cycles::teams::Team>,
        pub r#type: std::string::String,
    }
}

mod own {
    use bakend::{Collection, Id, Relation};

    // Nothing here is public: what the derive makes is not either.
    #[derive(Collection)]
    #[collection(name = "chapters")]
    struct Chapter {
        id: Id<Chapter>,
        book: Relation<Book>,
        notes: Vec<Relation<Book>>,
    }

    #[derive(Collection)]
    #[collection(name = "books")]
    struct Book {
        id: Id<Book>,
        first: Option<Relation<Chapter>>,
        sequel: Option<Relation<Book>>,
    }

    #[derive(Collection)]
    #[collection(name = "shelves")]
    pub(super) struct Shelf {
        id: Id<Shelf>,
        pub(super) below: Option<Relation<Shelf>>,
    }
}

#[test]
fn collections_point_at_each_other() {
    use bakend::Collection as _;

    #[derive(bakend::Collection)]
    #[collection(name = "notes")]
    struct Note {
        id: bakend::Id<Note>,
        about: bakend::Relation<people::Person>,
    }

    let definitions = [teams::Team::definition(), people::Person::definition(), Note::definition()];
    let made = bakend::typed::collections(&definitions, &bakend::schema::Schema::default()).unwrap();
    assert_eq!(made.len(), 3);
    let filter = Note::about.then(people::Person::team).then(teams::Team::leader).then(people::Person::r#type).eq("x");
    assert_eq!(filter.to_string(), "about.team.leader.type = 'x'");
    let _: fn(&Note) -> &bakend::Id<Note> = |note| note.id();
    let _ = (own::Shelf::below, own::shelf_entity::BelowLink);
    let _ = |note: Note| (note.about, note.id);
}
