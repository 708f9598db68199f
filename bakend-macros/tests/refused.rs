//! What the macros say to what they do not accept. After a change of a message: `TRYBUILD=overwrite cargo test -p bakend-macros --test refused`,
//! and read the difference. What they accept has ordinary tests: here each case would be built, and everything below it once more.

#[test]
fn mistakes_are_told_at_the_token_that_makes_them() {
    trybuild::TestCases::new().compile_fail("tests/refused/*/*.rs");
}
