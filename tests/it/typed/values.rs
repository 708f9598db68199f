//! Values through a database and back: the edges of every number, what is empty, passwords and files.

use bakend::{
    Bakend, Collection, File, GeoPoint, Id, Json, NewFile, Password, Select,
    serde_json::{Value as Data, json},
    service::auth::password,
    test::TestApp,
};

use super::models::{Channel, Meta, Status};

/// Every type and option that the derive takes; that it compiles is tested there.
#[path = "../../../bakend-macros/tests/accepted/field_types.rs"]
#[allow(dead_code)]
mod every_type;

#[derive(Clone, Debug, Collection)]
#[collection(name = "measures", rules(list = "", view = "", create = ""))]
pub struct Measure {
    pub id: Id<Measure>,
    pub tiny: i8,
    pub small: i16,
    pub medium: i32,
    pub port: u16,
    pub big: u32,
    pub ratio: f32,
    #[field(unique)]
    pub count: Option<i64>,
    pub status: Option<Select<Status>>,
    pub place: Option<GeoPoint>,
    pub meta: Option<Json<Meta>>,
    #[field(required = false)]
    pub pin: Password,
    pub plan: Option<File>,
    #[field(unique)]
    pub channels: Vec<Select<Channel>>,
    #[field(unique)]
    pub scans: Vec<File>,
}

async fn started() -> TestApp {
    TestApp::start(Bakend::builder().collection::<Measure>()).await
}

#[tokio::test]
async fn every_type_and_option_is_a_collection_that_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let program = Bakend::builder().dir(folder.path()).collection::<every_type::Thing>();
        let backend = program.build().await.expect("it starts");
        let things = backend.app().schema().find("things").expect("it was made").clone();
        // A list of one value is a list all the same.
        let colors = things.field("colors").expect("a field").to_json_object();
        assert_eq!((&colors["values"], &colors["maxSelect"]), (&json!(["red"]), &json!(2)));
        assert_eq!(things.field("at").expect("a field").to_json_object()["max"], "2024-12-31 22:00:00.000Z");
        backend.close().await;
    }
}

#[tokio::test]
async fn every_number_comes_back_as_it_went() {
    let app = started().await;
    let measures = || app.app().records_of::<Measure>().as_system();
    let sets = [
        (i8::MIN, i16::MIN, i32::MIN, u16::MIN, u32::MIN, f32::MIN_POSITIVE),
        (i8::MAX, i16::MAX, i32::MAX, u16::MAX, u32::MAX, f32::MAX),
        (-1, -1, -1, 1, 1, -0.1),
        (0, 0, 0, 0, 0, 0.0),
    ];
    for (tiny, small, medium, port, big, ratio) in sets {
        let new = Measure::new().tiny(tiny).small(small).medium(medium).port(port).big(big).ratio(ratio);
        let made = measures().create(new).await.expect("it fits");
        let read = measures().one(&made.id).await.expect("it is there");
        assert_eq!((read.tiny, read.small, read.medium, read.port), (tiny, small, medium, port));
        assert_eq!((read.big, read.ratio), (big, ratio));
    }
    for (field, beyond) in [("tiny", 128.0), ("tiny", -129.0), ("small", 32768.0), ("medium", 2147483648.0)]
        .into_iter()
        .chain([("port", -1.0), ("port", 65536.0), ("big", 4294967296.0), ("big", 1.5)])
    {
        let refused =
            app.app().records("measures").as_system().create(json!({ field: beyond })).await.expect_err(field);
        assert!(refused.field_errors().to_json().get(field).is_some(), "{field} {beyond}: {refused:?}");
    }
    app.close().await;
}

#[tokio::test]
async fn none_is_the_zero_value_and_the_zero_value_is_none() {
    let app = started().await;
    let measures = || app.app().records_of::<Measure>().as_system();
    let empty = measures().create(Measure::new()).await.expect("nothing is required");
    let zero = measures().create(Measure::new().count(0).place(GeoPoint::default())).await.expect("zeros are values");
    for read in [&empty, &zero] {
        assert_eq!((read.count, read.status, read.place), (None, None, None));
        assert!(read.meta.is_none() && read.plan.is_none() && !read.pin.is_set());
    }
    let shown = app.get(&format!("/api/collections/measures/records/{}", zero.id)).await.status(200).json();
    for (key, value) in [("count", json!(0)), ("place", json!({"lon": 0, "lat": 0})), ("meta", Data::Null)] {
        assert_eq!(shown[key], value, "{key}");
    }
    let meta = Meta { words: 0, sources: Vec::new() };
    let new = Measure::new().count(7).status(Status::InReview).place(GeoPoint::new(0.0, 52.5)).meta(meta.clone());
    let full = measures().create(new).await.expect("it fits");
    let read = measures().one(&full.id).await.expect("it is there");
    assert_eq!((read.count, read.place), (Some(7), Some(GeoPoint::new(0.0, 52.5))));
    assert_eq!(read.status.map(|status| status.0), Some(Status::InReview));
    assert_eq!(read.meta.map(|meta| meta.0), Some(meta));
    let cleared = Measure::update().clear_count().clear_status().clear_place().clear_meta();
    let read = measures().update(&full.id, cleared).await.expect("nothing is required");
    assert_eq!((read.count, read.status, read.place), (None, None, None));
    assert!(read.meta.is_none());
    app.close().await;
}

#[tokio::test]
async fn none_is_no_value_that_a_unique_field_keeps_apart() {
    let app = started().await;
    let measures = || app.app().records_of::<Measure>().as_system();
    for _ in 0..2 {
        measures().create(Measure::new()).await.expect("none is none's equal");
    }
    measures().create(Measure::new().count(5)).await.expect("the first");
    let refused = measures().create(Measure::new().count(5)).await.expect_err("the second");
    assert_eq!(refused.field_errors().to_json()["count"]["code"], "validation_not_unique", "{refused:?}");
    // The empty list is none, whether it was left out or cleared.
    measures().create(Measure::new().channels([Channel::Web])).await.expect("the first");
    let refused = measures().create(Measure::new().channels([Channel::Web])).await.expect_err("the second");
    assert_eq!(refused.field_errors().to_json()["channels"]["code"], "validation_not_unique", "{refused:?}");
    let mail = measures().create(Measure::new().channels([Channel::Mail])).await.expect("another one");
    measures().update(&mail.id, Measure::update().clear_channels()).await.expect("none is none's equal");
    app.close().await;
}

#[tokio::test]
async fn a_password_of_any_collection_is_kept_as_a_hash() {
    let app = started().await;
    let measures = || app.app().records_of::<Measure>().as_system();
    let made = measures().create(Measure::new().pin("first secret")).await.expect("long enough");
    let stored = async || app.app().records("measures").as_system().one(made.id.as_str()).await.expect("there");
    assert!(password::verify("first secret", stored().await.text("pin")).await.expect("verifies"));
    let read = measures().one(&made.id).await.expect("there");
    assert!(read.pin.is_set() && !format!("{read:?}").contains("argon2"), "{read:?}");
    measures().update(&made.id, Measure::update().tiny(1)).await.expect("it stays");
    assert!(password::verify("first secret", stored().await.text("pin")).await.expect("verifies"));
    measures().update(&made.id, Measure::update().pin("second secret")).await.expect("long enough");
    assert!(password::verify("second secret", stored().await.text("pin")).await.expect("verifies"));
    let refused = measures().update(&made.id, Measure::update().pin("short")).await.expect_err("too short");
    assert_eq!(refused.field_errors().to_json()["pin"]["code"], "validation_min_text_constraint");
    let path = format!("/api/collections/measures/records/{}", made.id);
    app.get(&path).await.status(200).has("/pin", "");
    app.close().await;
}

#[tokio::test]
async fn stored_files_of_typed_records_are_opened_and_addressed() {
    let app = started().await;
    let measures = || app.app().records_of::<Measure>().as_system();
    let new = Measure::new().plan(NewFile::from_bytes("plan.txt", "dig here"));
    let made = measures().create(new).await.expect("it fits");
    let plan = made.plan.clone().expect("it has a file");
    let files = app.app().files();
    let open = files.open_of(&made, &plan).await.expect("it is there");
    assert_eq!((open.file.size, open.bytes().await.expect("reads").as_ref()), (8, b"dig here".as_slice()));
    let url = files.url_of(&made, &plan);
    assert!(url.ends_with(&plan.path(&made)), "{url}");
    for name in ["other.txt", "../../data.db", ""] {
        let missing = files.open_of(&made, &File::named(name)).await.err().expect("the record names no such file");
        assert_eq!(missing.kind(), bakend::Kind::NotFound, "{name}");
    }
    app.close().await;
}
