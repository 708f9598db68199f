//! The style sheet of the pages, with the app's own colour.

/// Everything but the colour.
const SHEET: &str = include_str!("pages.css");
/// The colour when the settings hold none that can be used. Source: PocketBase's default.
const ACCENT_DEFAULT: (u8, u8, u8) = (0x10, 0x55, 0xc9);
/// Brightness above which black reads better than white, of 255.
const BRIGHT: u32 = 150;

/// The style sheet; `accent` is `#rrggbb`.
pub(super) fn sheet(accent: &str) -> String {
    let (red, green, blue) = parsed(accent).unwrap_or(ACCENT_DEFAULT);
    // How bright eyes find it; source: ITU-R BT.601.
    let bright = (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000 > BRIGHT;
    let ink = if bright { "#000000" } else { "#ffffff" };
    format!(":root {{ --accent: #{red:02x}{green:02x}{blue:02x}; --on-accent: {ink}; }}\n{SHEET}")
}

fn parsed(colour: &str) -> Option<(u8, u8, u8)> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some((part(0)?, part(2)?, part(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_begins_with_a_colour_and_ink_that_reads_on_it() {
        for (accent, start) in [
            ("#1055c9", ":root { --accent: #1055c9; --on-accent: #ffffff; }"),
            ("#FFD400", ":root { --accent: #ffd400; --on-accent: #000000; }"),
            ("#12345", ":root { --accent: #1055c9;"),
            ("#}body{", ":root { --accent: #1055c9;"),
            ("#ää", ":root { --accent: #1055c9;"),
            ("", ":root { --accent: #1055c9;"),
        ] {
            assert!(sheet(accent).starts_with(start), "{accent}");
        }
    }
}
