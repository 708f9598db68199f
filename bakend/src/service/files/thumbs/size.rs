//! What size a smaller form has, and which part of the image it shows.

/// Which part of an image is kept where its shape does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The middle.
    Centre,
    /// The top.
    Top,
    /// The bottom.
    Bottom,
    /// All of it, inside the size.
    Fit,
}

/// A size as a field declares it: `100x50`, then nothing, `t`, `b` or `f`; a side of 0 follows from the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub width: u32,
    pub height: u32,
    pub part: Part,
}

impl Size {
    /// The size that a text spells, if it does.
    pub fn parse(text: &str) -> Option<Self> {
        let (bare, part) = match text.as_bytes().last()? {
            b't' => (&text[..text.len() - 1], Part::Top),
            b'b' => (&text[..text.len() - 1], Part::Bottom),
            b'f' => (&text[..text.len() - 1], Part::Fit),
            _ => (text, Part::Centre),
        };
        let (width, height) = bare.split_once('x')?;
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let (width, height) = (number(width)?, number(height)?);
        (width > 0 || height > 0).then_some(Self { width, height, part })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_says_which_part_it_keeps() {
        for (text, expected) in [
            ("100x50", Some((100, 50, Part::Centre))),
            ("100x50t", Some((100, 50, Part::Top))),
            ("100x50b", Some((100, 50, Part::Bottom))),
            ("0x50f", Some((0, 50, Part::Fit))),
            ("100x0", Some((100, 0, Part::Centre))),
            ("0x0", None),
            ("0x0f", None),
            ("100", None),
            ("x", None),
            ("-1x5", None),
            ("+1x5", None),
            ("99999999999x5", None),
            ("", None),
        ] {
            let found = Size::parse(text).map(|size| (size.width, size.height, size.part));
            assert_eq!(found, expected, "{text}");
        }
    }
}
