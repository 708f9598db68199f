use bakend::{
    Collection, DateTime, Editor, Email, File, GeoPoint, Id, Json, NewFile, Password, Relation, Select, SelectValue,
    Url, schema::FieldKind,
};

#[derive(Clone, Copy, SelectValue)]
pub enum Size {
    Small,
    Large,
}

/// More are to come.
#[derive(Clone, Copy, SelectValue)]
pub enum Color {
    Red,
}

#[derive(Collection)]
#[collection(name = "things")]
pub struct Thing {
    pub id: Id<Thing>,
    #[field(
        name = "heading",
        min = 1,
        max = 10,
        pattern = "^.*$",
        help = "A heading",
        presentable,
        hidden,
        id = "text1"
    )]
    pub title: String,
    #[field(renamed_from = "words", required = false)]
    pub text: String,
    pub tiny: i8,
    pub short: i16,
    #[field(min = -5, max = 5)]
    pub normal: i32,
    pub long: i64,
    pub byte: u8,
    pub word: u16,
    pub wide: u32,
    pub single: f32,
    #[field(min = -5.0, max = 1e3, only_int)]
    pub double: f64,
    #[field(min = -0.5, only_int = false)]
    pub decimal: f32,
    pub maybe_number: Option<i64>,
    #[field(required)]
    pub agreed: bool,
    #[field(except_domains = ["example.com"])]
    pub email: Email,
    #[field(only_domains = ["example.com"])]
    pub url: Option<Url>,
    #[field(max_size = 10, convert_urls)]
    pub html: Option<Editor>,
    #[field(min = "2024-02-29", max = "2025-01-01T00:00:00+02:00")]
    pub at: DateTime,
    #[field(on_create, on_update)]
    pub updated: DateTime,
    pub size: Select<Size>,
    pub sizes: Vec<Select<Size>>,
    pub colors: Vec<Select<Color>>,
    #[field(max_size = 1000, mime_types = ["image/png"], thumbs = ["10x10", "0x5t"], protected)]
    pub file: File,
    #[field(max_select = 3)]
    pub files: Vec<File>,
    #[field(cascade_delete)]
    pub parent: Option<Relation<Thing>>,
    #[field(min_select = 1, max_select = 5, required)]
    pub others: Vec<Relation<Thing>>,
    #[field(max_size = 100)]
    pub json: Json<Vec<u8>>,
    pub place: GeoPoint,
    #[field(min = 4, max = 30, pattern = ".", cost = 12)]
    pub secret: Password,
}

#[test]
fn every_type_of_field() {
    let other = Id::<Thing>::new("x");
    let _ = Thing::new(
        "title",
        true,
        "a@b.example",
        DateTime::now(),
        Size::Large,
        NewFile::from_bytes("a", "b"),
        [&other],
        vec![1_u8],
        "secret",
    )
    .tiny(1)
    .double(0.5)
    .maybe_number(3)
    .sizes([Size::Small])
    .files([NewFile::from_path("/a")])
    .parent(&other)
    .place(GeoPoint::new(1.0, 2.0));
    let _ = Thing::update().add_long(-1).clear_url().append_sizes([Size::Small]).remove_others([&other]);
    assert_eq!(Thing::title.name(), "heading");
    let colors = Thing::definition().fields.into_iter().find(|field| field.field.name == "colors").expect("a field");
    assert!(matches!(colors.field.kind, FieldKind::Select(options) if options.max_select == 2));
    let at = Thing::definition().fields.into_iter().find(|field| field.field.name == "at").expect("a field");
    assert!(matches!(at.field.kind, FieldKind::Date(options) if options.max == "2024-12-31 22:00:00.000Z"));
    assert_eq!(Thing::definition().fields.len(), 29);
}
