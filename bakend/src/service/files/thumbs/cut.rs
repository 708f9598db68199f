//! Which rectangle of an image a smaller form shows, and in which size.

use image::metadata::Orientation;

use super::size::{Part, Size};
use crate::limits;

/// A rectangle of an image, and the size it is brought to; all in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
    pub to_width: u32,
    pub to_height: u32,
}

impl Cut {
    /// The cut that `size` asks for, of an image that is shown with this width and height; or why there is none.
    pub fn of(width: u32, height: u32, size: Size) -> Result<Self, String> {
        let whole = |to_width, to_height| Self { left: 0, top: 0, width, height, to_width, to_height };
        let by_width = |to_width| whole(to_width, scaled(height, to_width, width));
        let by_height = |to_height| whole(scaled(width, to_height, height), to_height);
        let is_wider = u64::from(width) * u64::from(size.height) > u64::from(height) * u64::from(size.width);
        let cut = match (size.width, size.height, size.part) {
            (0, to_height, _) => by_height(to_height),
            (to_width, 0, _) => by_width(to_width),
            // Never larger than the image is.
            (to_width, to_height, Part::Fit) if width <= to_width && height <= to_height => whole(width, height),
            (to_width, _, Part::Fit) if is_wider => by_width(to_width),
            (_, to_height, Part::Fit) => by_height(to_height),
            // The largest part of the wanted shape.
            (to_width, to_height, part) => {
                let (part_width, part_height) = match is_wider {
                    true => (scaled(to_width, height, to_height).min(width), height),
                    false => (width, scaled(to_height, width, to_width).min(height)),
                };
                let top = match part {
                    Part::Top => 0,
                    Part::Bottom => height - part_height,
                    Part::Centre | Part::Fit => (height - part_height) / 2,
                };
                let left = (width - part_width) / 2;
                Self { left, top, width: part_width, height: part_height, to_width, to_height }
            }
        };
        let max = limits::THUMB_MAX_SIDE_PIXELS;
        if cut.to_width > max || cut.to_height > max {
            let (width, height) = (cut.to_width, cut.to_height);
            return Err(format!("a smaller form of {width}x{height} pixels is too large: a side has at most {max}"));
        }
        Ok(cut)
    }

    /// The same cut in the image as it is stored, of which `width` and `height` are those it is shown with.
    ///
    /// A small form is turned afterwards, at little cost; turning the image would take a second one as large.
    pub fn before(self, turned: Orientation, width: u32, height: u32) -> Self {
        let (right, below) = (width - self.left - self.width, height - self.top - self.height);
        let (left, top) = match turned {
            Orientation::NoTransforms => (self.left, self.top),
            Orientation::FlipHorizontal => (right, self.top),
            Orientation::FlipVertical => (self.left, below),
            Orientation::Rotate180 => (right, below),
            Orientation::Rotate90 => (self.top, right),
            Orientation::Rotate270 => (below, self.left),
            Orientation::Rotate90FlipH => (self.top, self.left),
            Orientation::Rotate270FlipH => (below, right),
        };
        if is_on_its_side(turned) {
            let (width, height) = (self.height, self.width);
            Self { left, top, width, height, to_width: self.to_height, to_height: self.to_width }
        } else {
            Self { left, top, ..self }
        }
    }
}

/// Whether width and height change places when an image is turned.
pub(super) fn is_on_its_side(turned: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(turned, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH)
}

/// `length * to / from`, rounded, at least 1.
fn scaled(length: u32, to: u32, from: u32) -> u32 {
    let exact = (u64::from(length) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
    u32::try_from(exact).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use image::DynamicImage;

    use super::*;

    fn cut(width: u32, height: u32, size: &str) -> Result<(u32, u32, u32, u32, u32, u32), String> {
        let cut = Cut::of(width, height, Size::parse(size).expect("a size"))?;
        Ok((cut.left, cut.top, cut.width, cut.height, cut.to_width, cut.to_height))
    }

    #[test]
    fn a_size_cuts_the_largest_part_of_its_shape() {
        for (width, height, size, expected) in [
            (200, 100, "50x50", (50, 0, 100, 100, 50, 50)),
            (200, 100, "50x50t", (50, 0, 100, 100, 50, 50)),
            (100, 200, "50x50", (0, 50, 100, 100, 50, 50)),
            (100, 200, "50x50t", (0, 0, 100, 100, 50, 50)),
            (100, 200, "50x50b", (0, 100, 100, 100, 50, 50)),
            (200, 100, "50x50f", (0, 0, 200, 100, 50, 25)),
            (100, 200, "50x50f", (0, 0, 100, 200, 25, 50)),
            (20, 10, "50x50f", (0, 0, 20, 10, 20, 10)),
            (200, 100, "0x50", (0, 0, 200, 100, 100, 50)),
            (200, 100, "50x0", (0, 0, 200, 100, 50, 25)),
            (10, 10, "4096x4096", (0, 0, 10, 10, 4096, 4096)),
            (1, 1000, "1000x1", (0, 499, 1, 1, 1000, 1)),
        ] {
            assert_eq!(cut(width, height, size), Ok(expected), "{width}x{height} {size}");
        }
        for (width, height, size) in [(10, 10, "4097x1"), (10, 10, "1x4097"), (1, 1000, "10x0"), (1000, 1, "0x10")] {
            cut(width, height, size).expect_err(size);
        }
    }

    #[test]
    fn cutting_before_turning_shows_the_same() {
        let stored = DynamicImage::ImageLuma8(image::GrayImage::from_fn(7, 5, |x, y| image::Luma([(y * 7 + x) as u8])));
        for code in 1..=8 {
            let turned = Orientation::from_exif(code).expect("a code");
            let mut shown = stored.clone();
            shown.apply_orientation(turned);
            for size in ["2x2", "2x2t", "2x3b", "3x1"] {
                let size = Size::parse(size).expect("a size");
                let cut = Cut::of(shown.width(), shown.height(), size).expect("a cut");
                let expected = shown.crop_imm(cut.left, cut.top, cut.width, cut.height);
                let before = cut.before(turned, shown.width(), shown.height());
                let mut found = stored.crop_imm(before.left, before.top, before.width, before.height);
                found.apply_orientation(turned);
                assert_eq!(found, expected, "{turned:?} {size:?}");
            }
        }
    }
}
