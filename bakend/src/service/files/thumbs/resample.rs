//! Bringing a part of an image to another size, with one row of memory beside both images.
//!
//! The `image` crate's own way needs the part as a copy, and 16 bytes for each pixel of (width of the part) × (height of the form).

use image::{ImageBuffer, Pixel};

use super::cut::Cut;

/// The part in its new size; each pixel is the mean of those around it, by a triangle of weights.
pub(super) fn resampled<P: Pixel<Subpixel = u8>>(image: &ImageBuffer<P, Vec<u8>>, cut: Cut) -> ImageBuffer<P, Vec<u8>> {
    let channels = usize::from(P::CHANNEL_COUNT);
    let samples = |row: u32| {
        let first = (row as usize * image.width() as usize + cut.left as usize) * channels;
        &image.as_raw()[first..][..cut.width as usize * channels]
    };
    let (columns, rows) = (weights(cut.width, cut.to_width), weights(cut.height, cut.to_height));
    let mut form: ImageBuffer<P, Vec<u8>> = ImageBuffer::new(cut.to_width, cut.to_height);
    let mut mean = vec![0.0_f32; cut.width as usize * channels];
    for (pixels, (first, weights)) in form.rows_mut().zip(rows) {
        mean.fill(0.0);
        for (row, weight) in (cut.top + first..).zip(&weights) {
            mean.iter_mut().zip(samples(row)).for_each(|(sum, sample)| *sum += weight * f32::from(*sample));
        }
        for (pixel, (first, weights)) in pixels.zip(&columns) {
            for (channel, value) in pixel.channels_mut().iter_mut().enumerate() {
                let around = mean[*first as usize * channels + channel..].iter().step_by(channels);
                let sum: f32 = around.zip(weights).map(|(sample, weight)| sample * weight).sum();
                *value = sum.round() as u8;
            }
        }
    }
    form
}

/// For each pixel of a side: the first of those it is the mean of, and the weights of them, which are 1 together.
fn weights(from: u32, to: u32) -> Vec<(u32, Vec<f32>)> {
    let ratio = f64::from(from) / f64::from(to);
    // Half of the triangle: enlarging looks at the two neighbours, shrinking at all that fall together.
    let reach = ratio.max(1.0);
    let of = |at: u32| {
        let centre = (f64::from(at) + 0.5) * ratio - 0.5;
        let first = ((centre - reach).floor() + 1.0).max(0.0) as u32;
        let last = ((centre + reach).ceil() - 1.0).min(f64::from(from) - 1.0) as u32;
        let weight = |pixel: u32| 1.0 - (f64::from(pixel) - centre).abs() / reach;
        let sum: f64 = (first..=last).map(weight).sum();
        (first, (first..=last).map(|pixel| (weight(pixel) / sum) as f32).collect())
    };
    (0..to).map(of).collect()
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, RgbaImage, imageops};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_the_image_crate_does_with_more_memory(
            (width, height) in (1_u32..40, 1_u32..40), (to_width, to_height) in (1_u32..60, 1_u32..60), seed in 0_u32..1000,
        ) {
            let image = RgbaImage::from_fn(width + 2, height + 1, |x, y| {
                let mixed = (x * 7919 + y * 104_729 + seed).wrapping_mul(2_654_435_761);
                image::Rgba(mixed.to_le_bytes())
            });
            let cut = Cut { left: 2, top: 1, width, height, to_width, to_height };
            let expected = imageops::resize(
                &*imageops::crop_imm(&image, 2, 1, width, height), to_width, to_height, imageops::FilterType::Triangle,
            );
            let found = resampled(&image, cut);
            let apart = found.as_raw().iter().zip(expected.as_raw()).map(|(own, other)| own.abs_diff(*other)).max();
            prop_assert!(apart <= Some(1), "{apart:?}");
        }
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        let image = GrayImage::from_fn(9, 4, |x, y| image::Luma([(x * 20 + y) as u8]));
        let cut = Cut { left: 0, top: 0, width: 9, height: 4, to_width: 9, to_height: 4 };
        assert_eq!(resampled(&image, cut), image);
    }
}
