//! Uploads as clients send them: multipart bodies, and zip archives made in memory.

#![allow(unreachable_pub, dead_code, reason = "each test binary uses its part of this")]

use std::io::{Cursor, Write};

use reqwest::RequestBuilder;
use zip::{ZipWriter, write::SimpleFileOptions};

const BOUNDARY: &str = "a-boundary-that-no-file-holds";

/// The body of an upload: form fields first, as clients send them, then the part `file`.
pub fn multipart(fields: &[(&str, &str)], name: &str, content: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        let head = format!("Content-Disposition: form-data; name=\"{field}\"");
        body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").as_bytes());
    }
    let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
    let kind = "Content-Type: application/octet-stream";
    body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n{kind}\r\n\r\n").as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A request with such a body.
pub fn with_form(request: RequestBuilder, body: Vec<u8>) -> RequestBuilder {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    request.header("content-type", kind).body(body)
}

/// An archive of files: path, permissions, content.
pub fn archive(files: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, mode, content) in files {
        let options = SimpleFileOptions::default().unix_permissions(*mode);
        zip.start_file(*path, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
