//! One stylesheet out of `style/`, small and checked.
//!
//! `style/index.css` holds nothing but `@import "part.css";` lines and so names the order. The parts are
//! joined rather than imported by the browser, which would fetch them one after the other. Known
//! limitation: a misspelt property is valid CSS by the standard and passes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use lightningcss::{
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions, StyleSheet},
};

const INDEX: &str = "index.css";

/// Reads, checks, joins and minifies the stylesheet.
pub(crate) fn minify(folder: &Path) -> Result<Vec<u8>> {
    let mut joined = String::new();
    for part in parts(folder)? {
        let css = fs::read_to_string(&part).with_context(|| format!("read {}", part.display()))?;
        parse(&css, &part)?;
        joined.push_str(&css);
        joined.push('\n');
    }
    let mut sheet = parse(&joined, folder)?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| anyhow!("minify the styles: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: true, ..PrinterOptions::default() })
        .map_err(|error| anyhow!("print the styles: {error}"))?;
    Ok(printed.code.into_bytes())
}

fn parse<'css>(css: &'css str, from: &Path) -> Result<StyleSheet<'css>> {
    let options =
        ParserOptions { filename: from.display().to_string(), ..ParserOptions::default() };
    StyleSheet::parse(css, options).map_err(|error| anyhow!("bad CSS: {error}"))
}

/// The parts in their order. A file that nobody imports is a mistake and stops the build.
fn parts(folder: &Path) -> Result<Vec<PathBuf>> {
    let index = folder.join(INDEX);
    let text = fs::read_to_string(&index).with_context(|| format!("read {}", index.display()))?;
    let mut names = Vec::new();
    for (number, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || (line.starts_with("/*") && line.ends_with("*/")) {
            continue;
        }
        let name = line.strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";"));
        names.push(name.with_context(|| {
            format!("{}:{}: expected @import \"part.css\";", index.display(), number + 1)
        })?);
    }
    let mut forgotten = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_style = path.extension().is_some_and(|extension| extension == "css");
        if is_style && name != INDEX && !names.contains(&name.as_str()) {
            forgotten.insert(name);
        }
    }
    ensure!(forgotten.is_empty(), "{} does not import {forgotten:?}", index.display());
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn joins_in_the_order_of_the_index() {
        let folder = folder(&[
            ("index.css", "/* order */\n@import \"z.css\";\n@import \"a.css\";\n"),
            ("a.css", "p { color: red; }"),
            ("z.css", "p { color: blue; }"),
        ]);
        let css = String::from_utf8(minify(folder.path()).unwrap()).unwrap();
        assert_eq!(css, "p{color:red}");
    }

    #[test]
    fn names_the_file_of_a_mistake_and_the_file_that_was_forgotten() {
        let bad = folder(&[("index.css", "@import \"a.css\";"), ("a.css", "p { color: red; } }")]);
        assert!(minify(bad.path()).unwrap_err().to_string().contains("a.css"));
        let lost = folder(&[("index.css", ""), ("lost.css", "p { color: red; }")]);
        assert!(minify(lost.path()).unwrap_err().to_string().contains("lost.css"));
    }
}
