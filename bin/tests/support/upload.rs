//! Uploads as clients send them: multipart bodies, and zip archives made in memory.

use std::io::{Cursor, Write};

use reqwest::Method;
use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::server::{Answer, Server, TOKEN};

const BOUNDARY: &str = "a-boundary-that-no-file-holds";

/// The body of an upload: form fields first, as clients send them, then the part `file`.
pub(crate) fn multipart(fields: &[(&str, &str)], name: &str, content: &[u8]) -> Vec<u8> {
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

/// An archive of files: path, permissions, content.
pub(crate) fn archive(files: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, mode, content) in files {
        let options = SimpleFileOptions::default().unix_permissions(*mode);
        zip.start_file(*path, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A program that serves HTTP on `$PORT` wherever these tests run, and tells its version. It reads its other
/// files by relative paths, so it only works in its own folder.
pub(crate) fn program(version: &str) -> Vec<(&str, u32, &str)> {
    let run = "#!/bin/sh\nexec \"$(cat etc/binary)\" demo --version \"$(cat version)\"\n";
    let binary = env!("CARGO_BIN_EXE_handover");
    vec![("run.sh", 0o755, run), ("etc/binary", 0o644, binary), ("version", 0o644, version)]
}

impl Server {
    pub(crate) async fn upload(&self, path: &str, body: Vec<u8>) -> Answer {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self.client.request(Method::POST, self.api(path)).bearer_auth(TOKEN);
        self.send(request.header("content-type", kind).body(body)).await
    }

    /// Uploads a zip archive as a catalog of its own, and waits for it as clients do.
    pub(crate) async fn catalog(&self, files: &[(&str, u32, &str)]) -> Value {
        let body = multipart(&[], "code.zip", &archive(files));
        let made = self.upload("/files/fromFile/?useArchiveContents=true", body).await.is(202);
        let status = made["statusId"].as_str().unwrap();
        let done = self.get(&format!("/status/{status}/")).await;
        assert!(done.headers["location"].to_str().unwrap().starts_with(&self.url));
        assert_eq!(done.is(303)["status"], "COMPLETED");
        made
    }
}
