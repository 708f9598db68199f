use bakend::SelectValue;

#[derive(Debug, PartialEq, SelectValue)]
#[select(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    NotYet,
    #[select(rename = "gone for good")]
    Gone,
}

#[test]
fn names_of_choices() {
    assert_eq!(State::VALUES, ["NOT_YET", "gone for good"]);
    assert_eq!(State::Gone.name(), "gone for good");
    assert_eq!(State::from_name("NOT_YET"), Some(State::NotYet));
    assert_eq!(State::from_name("not_yet"), None);
}
