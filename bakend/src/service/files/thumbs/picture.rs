//! Decoding, shrinking and encoding an image, within bounds of pixels and memory.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType};

use super::size::{Part, Size};
use crate::limits;

/// The content type of the smaller form of an image of this type.
pub(super) fn kind_of_thumb(kind: &str) -> &'static str {
    match kind {
        "image/jpeg" | "image/jpg" => "image/jpeg",
        "image/gif" => "image/gif",
        _ => "image/png",
    }
}

/// The smaller form of an image, encoded; or why there is none.
pub(super) fn smaller(content: &[u8], kind: &str, size: Size) -> Result<Vec<u8>, String> {
    let whole = decode(content)?;
    if size.width > limits::THUMB_MAX_SIDE_PIXELS || size.height > limits::THUMB_MAX_SIDE_PIXELS {
        return Err(format!("a smaller form has at most {} pixels a side", limits::THUMB_MAX_SIDE_PIXELS));
    }
    encode(&shrink(&whole, size)?, kind)
}

fn decode(content: &[u8]) -> Result<DynamicImage, String> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().map_err(|error| error.to_string())?;
    let mut bounds = Limits::default();
    bounds.max_alloc = Some(limits::THUMB_SOURCE_MAX_ALLOC_BYTES);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > limits::THUMB_SOURCE_MAX_PIXELS {
        return Err(format!("an image of {width}x{height} pixels is too large to be made smaller"));
    }
    // Cameras note how they were held.
    let turned = decoder.orientation().map_err(|error| error.to_string())?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    image.apply_orientation(turned);
    Ok(image)
}

fn shrink(whole: &DynamicImage, size: Size) -> Result<DynamicImage, String> {
    let (width, height) = (whole.width(), whole.height());
    if size.width == 0 || size.height == 0 {
        let (to_width, to_height) = match (size.width, size.height) {
            (0, to_height) => (scaled(width, to_height, height), to_height),
            (to_width, _) => (to_width, scaled(height, to_width, width)),
        };
        if to_width > limits::THUMB_MAX_SIDE_PIXELS || to_height > limits::THUMB_MAX_SIDE_PIXELS {
            return Err(format!("a smaller form of {to_width}x{to_height} pixels is too large"));
        }
        return Ok(whole.resize_exact(to_width, to_height, FilterType::Triangle));
    }
    if size.part == Part::Fit {
        // Never larger than the image is.
        if width <= size.width && height <= size.height {
            return Ok(whole.clone());
        }
        return Ok(whole.resize(size.width, size.height, FilterType::Triangle));
    }
    // The largest part of the wanted shape, cut out before it is shrunk.
    let (part_width, part_height) =
        if u64::from(width) * u64::from(size.height) > u64::from(height) * u64::from(size.width) {
            (scaled(size.width, height, size.height).min(width), height)
        } else {
            (width, scaled(size.height, width, size.width).min(height))
        };
    let left = (width - part_width) / 2;
    let top = match size.part {
        Part::Top => 0,
        Part::Bottom => height - part_height,
        Part::Centre | Part::Fit => (height - part_height) / 2,
    };
    Ok(whole.crop_imm(left, top, part_width, part_height).resize_exact(size.width, size.height, FilterType::Triangle))
}

/// `length * to / from`, rounded, at least 1.
fn scaled(length: u32, to: u32, from: u32) -> u32 {
    let exact = (u64::from(length) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
    u32::try_from(exact).unwrap_or(u32::MAX).max(1)
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
