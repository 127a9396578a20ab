//! Uploading code to a server of these tests.

use reqwest::Method;
use serde_json::Value;

pub(crate) use crate::form::{archive, multipart};
use crate::{
    form::with_form,
    server::{Answer, Server, TOKEN},
};

/// A program that serves HTTP on `$PORT` wherever these tests run, and tells its version. It reads its other
/// files by relative paths, so it only works in its own folder.
pub(crate) fn program(version: &str) -> Vec<(&str, u32, &str)> {
    let run = "#!/bin/sh\nexec \"$(cat etc/binary)\" demo --version \"$(cat version)\"\n";
    let binary = env!("CARGO_BIN_EXE_handover");
    vec![("run.sh", 0o755, run), ("etc/binary", 0o644, binary), ("version", 0o644, version)]
}

impl Server {
    pub(crate) async fn upload(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.client.request(Method::POST, self.api(path)).bearer_auth(TOKEN);
        self.send(with_form(request, body)).await
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
