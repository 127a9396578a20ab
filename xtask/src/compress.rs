//! Compressed copies, made once at build time at the level that no server could afford per request.

use std::io::Write;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// The encodings we keep, by the suffix of their file.
pub(crate) const ENCODINGS: [(&str, Compress); 2] = [("gz", gzip), ("br", brotli)];

type Compress = fn(&[u8]) -> Result<Vec<u8>>;

/// Whether a copy is worth its place: formats that are compressed already only get longer.
pub(crate) fn helps(original: &[u8], compressed: &[u8]) -> bool {
    compressed.len() + compressed.len() / 10 < original.len()
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let params = BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &params)?;
    Ok(compressed)
}
