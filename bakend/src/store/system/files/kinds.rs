//! What is said about a file, and whose files are meant.

use sea_orm::{ColumnTrait as _, Condition};

use super::Column;

/// How far a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// A committed record names it; it lies in the staging folder, on its way to its place.
    Staged,
    /// A committed record names it; it lies in its place.
    #[default]
    Stored,
    /// A committed record names it; it lies in its place, and a copy in the other one is to be removed.
    Moved,
    /// No record names it any more; it is to be removed.
    Gone,
}

impl State {
    /// As the table and the API spell it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Stored => "stored",
            Self::Moved => "moved",
            Self::Gone => "gone",
        }
    }

    pub(super) fn read(text: &str) -> Self {
        match text {
            "staged" => Self::Staged,
            "moved" => Self::Moved,
            "gone" => Self::Gone,
            _ => Self::Stored,
        }
    }
}

/// Where a file lies once it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the data folder.
    #[default]
    Local,
    /// In the bucket of the settings.
    S3,
}

impl Place {
    /// As the table and the command line spell it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::S3 => "s3",
        }
    }

    pub(super) fn read(text: &str) -> Self {
        if text == "s3" { Self::S3 } else { Self::Local }
    }
}

/// Which file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey {
    /// Id of the record's collection.
    pub collection: String,
    /// Id of the record.
    pub record: String,
    /// The stored name.
    pub name: String,
}

impl FileKey {
    /// The key of these three.
    pub fn new(collection: &str, record: &str, name: &str) -> Self {
        Self { collection: collection.to_owned(), record: record.to_owned(), name: name.to_owned() }
    }

    /// Where it lies in a storage: `collection/record/name`.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.collection, self.record, self.name)
    }
}

/// What `_files` says about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredFile {
    /// Which.
    pub key: FileKey,
    /// Id of the field that names it.
    pub field: String,
    /// How far it is.
    pub state: State,
    /// Where it lies, or will lie.
    pub place: Place,
    /// Its name in the staging folder, while it is there; see also [`left_in`](Self::left_in).
    pub staged: String,
    /// In bytes.
    pub size: u64,
    /// Content type, by content.
    pub kind: String,
    /// The name that the client gave it.
    pub original: String,
    /// When it came (wire form).
    pub created: String,
}

/// Begins a staged name that says in which place a copy is left; no file in the staging folder has such a name.
pub(super) const LEFT: char = '@';

impl StoredFile {
    /// The place in which a move left a copy.
    pub fn left_in(&self) -> Option<Place> {
        self.staged.strip_prefix(LEFT).map(Place::read)
    }
}

/// Files of whom.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'a> {
    /// Of everybody.
    All,
    /// Of all records of a collection, by its id.
    Collection(&'a str),
    /// Of a field, by the ids of collection and field.
    Field(&'a str, &'a str),
    /// Of a record, by the ids of collection and record.
    Record(&'a str, &'a str),
    /// Of a field of a record, by the ids of collection, record and field.
    RecordField(&'a str, &'a str, &'a str),
}

impl Owner<'_> {
    pub(super) fn condition(self) -> Condition {
        let all = Condition::all();
        match self {
            Self::All => all,
            Self::Collection(collection) => all.add(Column::Collection.eq(collection)),
            Self::Field(collection, field) => all.add(Column::Collection.eq(collection)).add(Column::Field.eq(field)),
            Self::Record(collection, record) => {
                all.add(Column::Collection.eq(collection)).add(Column::Record.eq(record))
            }
            Self::RecordField(collection, record, field) => {
                Self::Record(collection, record).condition().add(Column::Field.eq(field))
            }
        }
    }
}
