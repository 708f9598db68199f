//! Smaller forms of images: what they show, and what they may cost.

use serde_json::json;

use super::{
    client::{Server, delete, get, status},
    files::{DOCS, content, docs, form, holds, sent, text, url},
    world::Guest,
};

/// A picture of two colours, left and right.
fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, _| {
        image::Rgb(if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] })
    });
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Png).expect("encodes");
    out.into_inner()
}

#[tokio::test]
async fn thumbs_are_made_once_and_go_with_their_file() {
    let server = Server::start().await;
    docs(&server).await;
    let picture = png(200, 100);
    let made = sent(&server, form("POST", DOCS, &[("picture", "pic.png", &picture)], &[])).await;
    let path = url(&made, text(&made, "picture"));
    for (size, expected) in [
        ("30x20", (30, 20)),
        ("30x20f", (30, 15)),
        ("0x10", (20, 10)),
        ("100x100", (100, 100)),
        ("31x20", (200, 100)),
        ("x", (200, 100)),
    ] {
        let thumb = content(&server, &format!("{path}?thumb={size}")).await;
        let thumb = image::load_from_memory(&thumb).expect("an image");
        assert_eq!((thumb.width(), thumb.height()), expected, "{size}");
    }
    holds(&server, 5).await;
    let thumb = format!("{path}?thumb=30x20");
    let many = (0..40).map(|_| content(&server, &thumb));
    let many = futures_util::future::join_all(many).await;
    assert!(many.iter().all(|thumb| *thumb == many[0]));
    assert_eq!(server.send(&delete(&format!("{DOCS}/{}", text(&made, "id")))).await.status, 204);
    holds(&server, 0).await;
}

#[tokio::test]
async fn a_picture_of_a_hundred_megapixels_is_not_decoded_and_what_is_no_picture_is_sent_as_it_is() {
    let server = Server::start().await;
    docs(&server).await;
    // The head of a PNG alone says how large it is: what is behind it is never looked at.
    let mut bomb = png(2, 2);
    bomb[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10]);
    let sum = crc32(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&sum);
    let made = sent(&server, form("POST", DOCS, &[("picture", "pic.png", &bomb)], &[])).await;
    let path = url(&made, text(&made, "picture"));
    let thumb = || get(&format!("{path}?thumb=30x20"));
    let refused = || status(400).says("The image has 10000x10000 pixels").says("at most 60 million pixels");
    server.check([(Guest, thumb(), refused()), (Guest, thumb(), refused())]).await;
    assert_eq!(content(&server, &path).await, bomb, "the file itself is there");
    holds(&server, 1).await;
    let broken = b"\x89PNG\r\n\x1a\nnot a picture".to_vec();
    let made = sent(&server, form("POST", DOCS, &[("picture", "pic.png", &broken)], &[])).await;
    let path = url(&made, text(&made, "picture"));
    assert_eq!(content(&server, &format!("{path}?thumb=30x20")).await, broken);
    holds(&server, 2).await;
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

const RED: usize = 0;
const GREEN: usize = 1;
const BLUE: usize = 2;

/// Three squares, one above the other: red, green, blue.
fn bands() -> image::DynamicImage {
    image::RgbImage::from_fn(30, 90, |_, y| {
        let mut pixel = [10, 10, 10];
        pixel[y as usize / 30] = 240;
        image::Rgb(pixel)
    })
    .into()
}

fn encoded(picture: &image::DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, format).expect("encodes");
    out.into_inner()
}

/// A JPEG of a camera that was held so that `turned` shows it upright.
fn photo(turned: image::metadata::Orientation) -> Vec<u8> {
    use image::metadata::Orientation;
    let mut held = bands();
    held.apply_orientation(match turned {
        Orientation::Rotate90 => Orientation::Rotate270,
        Orientation::Rotate270 => Orientation::Rotate90,
        own_inverse => own_inverse,
    });
    let mut tags = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tags.extend([turned.to_exif(), 0, 0, 0, 0, 0, 0, 0]);
    let plain = encoded(&held, image::ImageFormat::Jpeg);
    [&plain[..2], &tags, &plain[2..]].concat()
}

/// The strongest colour of each row that is asked for, in the middle of it.
fn colours(picture: &image::DynamicImage, rows: [u32; 3]) -> [usize; 3] {
    let picture = picture.to_rgb8();
    rows.map(|row| {
        let pixel = picture.get_pixel(picture.width() / 2, row).0;
        (0..3).max_by_key(|channel| pixel[*channel]).expect("three channels")
    })
}

#[tokio::test]
async fn every_size_shows_its_part_of_every_format() {
    use image::{ImageFormat, metadata::Orientation};
    let server = Server::start().await;
    let sizes = ["20x20", "20x20t", "20x20b", "20x20f", "0x20", "20x0"];
    server
        .collection(
            "docs",
            [Some(""); 5],
            json!([{"name": "picture", "type": "file", "maxSelect": 1, "thumbs": sizes}]),
        )
        .await;
    let all = [RED, GREEN, BLUE];
    for (name, picture, kind) in [
        ("png", encoded(&bands(), ImageFormat::Png), ImageFormat::Png),
        ("gif", encoded(&bands().to_rgba8().into(), ImageFormat::Gif), ImageFormat::Gif),
        ("webp", encoded(&bands(), ImageFormat::WebP), ImageFormat::Png),
        ("jpeg", encoded(&bands(), ImageFormat::Jpeg), ImageFormat::Jpeg),
        ("jpeg, on its side", photo(Orientation::Rotate90), ImageFormat::Jpeg),
        ("jpeg, on its other side", photo(Orientation::Rotate270), ImageFormat::Jpeg),
        ("jpeg, upside down", photo(Orientation::Rotate180), ImageFormat::Jpeg),
        ("jpeg, in a mirror", photo(Orientation::Rotate90FlipH), ImageFormat::Jpeg),
    ] {
        let made = sent(&server, form("POST", DOCS, &[("picture", "a.img", &picture)], &[])).await;
        let path = url(&made, text(&made, "picture"));
        for (size, measures, shown) in [
            ("20x20", (20, 20), [GREEN; 3]),
            ("20x20t", (20, 20), [RED; 3]),
            ("20x20b", (20, 20), [BLUE; 3]),
            ("20x20f", (7, 20), all),
            ("0x20", (7, 20), all),
            ("20x0", (20, 60), all),
        ] {
            let bytes = content(&server, &format!("{path}?thumb={size}")).await;
            assert_eq!(image::guess_format(&bytes).expect("an image"), kind, "{name} {size}");
            let thumb = image::load_from_memory(&bytes).expect("an image");
            assert_eq!((thumb.width(), thumb.height()), measures, "{name} {size}");
            let rows = [1, thumb.height() / 2, thumb.height() - 2];
            assert_eq!(colours(&thumb, rows), shown, "{name} {size}");
        }
    }
}
