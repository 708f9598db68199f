//! Decoding, shrinking and encoding an image, within bounds of pixels and memory.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, metadata::Orientation};

use super::{
    cut::{Cut, is_on_its_side},
    resample::resampled,
    size::Size,
};
use crate::limits;

/// The content type of the smaller form of an image of this type.
pub(super) fn kind_of_thumb(kind: &str) -> &'static str {
    match kind {
        "image/jpeg" | "image/jpg" => "image/jpeg",
        "image/gif" => "image/gif",
        _ => "image/png",
    }
}

/// Why there is no smaller form of an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unable {
    /// It would take more than is allowed to make it; the bound is said.
    TooLarge(String),
    /// It cannot be read as an image, or nothing smaller is wanted of it.
    Unfit(String),
}

impl From<String> for Unable {
    fn from(reason: String) -> Self {
        Self::Unfit(reason)
    }
}

impl From<ImageError> for Unable {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge(format!(
                "A smaller form of the image takes more than the {} MiB that making one may take.",
                limits::THUMBS_MAX_ALLOC_BYTES >> 20
            )),
            error => Self::Unfit(error.to_string()),
        }
    }
}

/// An image that is to be made smaller, of which only the head was read so far.
pub(super) struct Picture<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    turned: Orientation,
    /// Of the image as it is stored.
    cut: Cut,
    /// Most bytes that decoding, shrinking and encoding it take at once, with its content.
    pub cost: u64,
}

impl<'a> Picture<'a> {
    /// Reads the head of an image, and sees what the size asks of it.
    ///
    /// # Errors
    /// As [`Unable`] says.
    pub fn open(content: &'a [u8], size: Size) -> Result<Self, Unable> {
        let mut reader =
            ImageReader::new(Cursor::new(content)).with_guessed_format().map_err(|error| error.to_string())?;
        let mut bounds = Limits::default();
        bounds.max_alloc = Some(limits::THUMBS_MAX_ALLOC_BYTES);
        reader.limits(bounds);
        let format = reader.format();
        let mut decoder: Box<dyn ImageDecoder + 'a> = Box::new(reader.into_decoder()?);
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > limits::THUMB_SOURCE_MAX_PIXELS {
            return Err(Unable::TooLarge(format!(
                "The image has {width}x{height} pixels; smaller forms are made of images of at most {} million pixels.",
                limits::THUMB_SOURCE_MAX_PIXELS / 1_000_000
            )));
        }
        if pixels == 0 {
            return Err("an image without pixels".to_owned().into());
        }
        // Cameras note how they were held.
        let turned = decoder.orientation()?;
        let (width, height) = if is_on_its_side(turned) { (height, width) } else { (width, height) };
        let cut = Cut::of(width, height, size)?.before(turned, width, height);
        let decoded = decoder.total_bytes() + aside(format, content, &*decoder) * pixels;
        let form = u64::from(cut.to_width) * u64::from(cut.to_height);
        // Some decoders begin with a copy of the content; the decoded image is gone before the form is encoded.
        let cost =
            2 * content.len() as u64 + (decoded + FORM_BYTES_PER_PIXEL * form).max(ENCODING_BYTES_PER_PIXEL * form);
        if cost > limits::THUMBS_MAX_ALLOC_BYTES {
            return Err(Unable::TooLarge(format!(
                "A smaller form of the image takes {} MiB; making one may take {} MiB.",
                cost.div_ceil(1 << 20),
                limits::THUMBS_MAX_ALLOC_BYTES >> 20
            )));
        }
        Ok(Self { decoder, turned, cut, cost })
    }

    /// The smaller form, encoded as files of this content type have it.
    ///
    /// # Errors
    /// As [`Unable`] says.
    pub fn smaller(self, kind: &str) -> Result<Vec<u8>, Unable> {
        let mut form = shrink(DynamicImage::from_decoder(self.decoder)?, self.cut);
        form.apply_orientation(self.turned);
        Ok(encode(&form, kind)?)
    }
}

/// Bytes for each pixel of a form.
const FORM_BYTES_PER_PIXEL: u64 = 4;
/// The same while it is encoded: itself, in the colours of its encoding, and encoded.
const ENCODING_BYTES_PER_PIXEL: u64 = 3 * FORM_BYTES_PER_PIXEL;

/// Bytes for each pixel that decoding takes beside the decoded image, at most: decoders do not tell.
fn aside(format: Option<ImageFormat>, content: &[u8], decoder: &dyn ImageDecoder) -> u64 {
    // Deep colours are made shallow before anything else.
    let deep = if is_deep(decoder) { 4 } else { 0 };
    match format {
        // All coefficients, 16 bits each, until the last pass.
        Some(ImageFormat::Jpeg) if is_progressive(content) => 6,
        Some(ImageFormat::WebP | ImageFormat::Gif) => 4,
        _ => deep,
    }
}

fn is_deep(decoder: &dyn ImageDecoder) -> bool {
    let color = decoder.color_type();
    color.bytes_per_pixel() > color.channel_count()
}

/// Whether the frame of a JPEG comes in passes. Its segments are walked up to the frame.
fn is_progressive(content: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = content.get(at..at + 4) {
        match marker {
            0xc2 | 0xc6 | 0xca | 0xce => return true,
            0xc0 | 0xc1 | 0xda => return false,
            // Bytes that fill up stand before a marker.
            0xff => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}

fn shrink(image: DynamicImage, cut: Cut) -> DynamicImage {
    match image {
        DynamicImage::ImageLuma8(image) => resampled(&image, cut).into(),
        DynamicImage::ImageLumaA8(image) => resampled(&image, cut).into(),
        DynamicImage::ImageRgb8(image) => resampled(&image, cut).into(),
        DynamicImage::ImageRgba8(image) => resampled(&image, cut).into(),
        deep => resampled(&deep.into_rgba8(), cut).into(),
    }
}

fn encode(image: &DynamicImage, kind: &str) -> Result<Vec<u8>, String> {
    let mut out = Cursor::new(Vec::new());
    let written = match kind_of_thumb(kind) {
        "image/jpeg" => image.to_rgb8().write_to(&mut out, ImageFormat::Jpeg),
        "image/gif" => image.to_rgba8().write_to(&mut out, ImageFormat::Gif),
        _ => image.write_to(&mut out, ImageFormat::Png),
    };
    written.map(|()| out.into_inner()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use image::{ColorType, ImageBuffer, ImageEncoder as _, Rgba};

    use super::*;

    /// The head of a PNG that says that it is as large; its content is of two pixels.
    fn claimed(width: u32, height: u32, color: ColorType) -> Vec<u8> {
        let mut bytes = Vec::new();
        let content = vec![0; 2 * usize::from(color.bytes_per_pixel())];
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.write_image(&content, 2, 1, color.into()).expect("encodes");
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc32fast::hash(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    fn cost_in_mib(content: &[u8], size: &str) -> Result<u64, Unable> {
        Picture::open(content, Size::parse(size).expect("a size")).map(|picture| picture.cost >> 20)
    }

    #[test]
    fn what_takes_too_much_is_refused_before_it_is_decoded() {
        // 7700 × 7700 × 4 bytes, and the form.
        assert_eq!(cost_in_mib(&claimed(7700, 7700, ColorType::Rgba8), "30x20"), Ok(226));
        assert_eq!(cost_in_mib(&claimed(7700, 7700, ColorType::Rgba8), "4096x4096"), Ok(290));
        // Encoding the form can take more than decoding the image did.
        assert_eq!(cost_in_mib(&claimed(10, 10, ColorType::L8), "4096x4096"), Ok(192));
        assert_eq!(cost_in_mib(&claimed(5000, 5000, ColorType::Rgba16), "30x20"), Ok(286));
        for (content, message) in [
            (claimed(7700, 7700, ColorType::Rgba16), "takes 679 MiB; making one may take 320 MiB"),
            (claimed(7800, 7800, ColorType::L8), "7800x7800 pixels; smaller forms are made of images of at most 60"),
        ] {
            let Err(Unable::TooLarge(said)) = cost_in_mib(&content, "30x20") else { panic!("{message}") };
            assert!(said.contains(message), "{said}");
        }
    }

    #[test]
    fn deep_colours_become_shallow() {
        let deep = ImageBuffer::from_pixel(4, 4, Rgba([65535_u16, 32768, 0, 65535]));
        let mut content = Cursor::new(Vec::new());
        DynamicImage::ImageRgba16(deep).write_to(&mut content, ImageFormat::Png).expect("encodes");
        let picture = Picture::open(content.get_ref(), Size::parse("2x2").expect("a size")).expect("opens");
        let form = image::load_from_memory(&picture.smaller("image/png").expect("a form")).expect("an image");
        assert_eq!(form.to_rgba8().get_pixel(1, 1), &Rgba([255, 128, 0, 255]));
    }

    #[test]
    fn a_frame_says_whether_it_comes_in_passes() {
        for (content, expected) in [
            (&b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x0b"[..], true),
            (b"\xff\xd8\xff\xff\xff\xc2\x00\x0b", true),
            (b"\xff\xd8\xff\xc4\x00\x02\xff\xc0\x00\x0b", false),
            (b"\xff\xd8\xff\xe0\xff\xff", false),
            (b"\xff\xd8garbage", false),
            (b"", false),
        ] {
            assert_eq!(is_progressive(content), expected, "{content:?}");
        }
    }
}
