//! Patterns of channels' names: `*` stands for any text.

/// What the first `*` of a pattern stands for in a name that fits it; `""` when there is none. Each `*` stands for as little as it can, which
/// never rules out what comes behind it: one walk over the name is enough.
pub(super) fn part<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let Some((before, after)) = pattern.split_once('*') else { return (pattern == name).then_some("") };
    let behind = name.strip_prefix(before)?;
    let Some((inner, last)) = after.rsplit_once('*') else { return behind.strip_suffix(after) };
    let (mut rest, mut part) = (behind, None);
    for piece in inner.split('*') {
        let (skipped, found) = rest.split_at(rest.find(piece)?);
        part.get_or_insert(skipped);
        rest = &found[piece.len()..];
    }
    part.filter(|_| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_the_part_that_its_first_star_stands_for() {
        for (pattern, name, found) in [
            ("room", "room", Some("")),
            ("room", "rooms", None),
            ("room/*", "room/1", Some("1")),
            ("room/*", "room/", Some("")),
            ("room/*", "lobby", None),
            ("*", "anything", Some("anything")),
            ("a/*/b/*", "a/x/b/y", Some("x")),
            ("a/*/b", "a/x/c", None),
            ("ä*", "äö", Some("ö")),
            ("**", "ab", Some("")),
            ("a**b", "axb", Some("")),
            ("*ö*", "äöü", Some("ä")),
            ("*a*", "banana", Some("b")),
            ("*ab*b", "xabab", Some("x")),
            ("*ab*b", "xababb", Some("x")),
            ("ab*ba", "aba", None),
            ("*ab*ab", "ab", None),
        ] {
            assert_eq!(part(pattern, name), found, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_of_stars_costs_no_more_than_a_walk_over_the_name() {
        // Trying every end of every star would take longer than the universe is old.
        let (pattern, name) = ("*a".repeat(99) + "*b", "a".repeat(200));
        assert_eq!(part(&pattern, &name), None);
        assert_eq!(part(&pattern, &(name + "b")), Some(""));
    }

    #[test]
    fn it_finds_what_trying_every_end_finds() {
        fn fits(pattern: &str, text: &str) -> bool {
            match pattern.split_once('*') {
                None => pattern == text,
                Some((before, after)) => {
                    text.strip_prefix(before).is_some_and(|rest| (0..=rest.len()).any(|end| fits(after, &rest[end..])))
                }
            }
        }
        let words = |alphabet: &[char], length: u32| -> Vec<String> {
            let letters = alphabet.len();
            let word = |at: usize| (0..length).map(move |n| alphabet[at / letters.pow(n) % letters]).collect();
            (0..letters.pow(length)).map(word).collect()
        };
        for pattern in (0..=5).flat_map(|length| words(&['a', 'b', '*'], length)) {
            for name in (0..=5).flat_map(|length| words(&['a', 'b'], length)) {
                let found = part(&pattern, &name);
                assert_eq!(found.is_some(), fits(&pattern, &name), "{pattern} {name}");
            }
        }
    }
}
