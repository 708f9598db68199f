//! What the macros accept, and what they say to what they do not. After a change of a message: `TRYBUILD=overwrite cargo test -p bakend-macros`,
//! and read the difference.

#[test]
fn mistakes_are_told_at_the_token_that_makes_them() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/*/pass/*.rs");
    cases.compile_fail("tests/ui/*/fail/*.rs");
}
