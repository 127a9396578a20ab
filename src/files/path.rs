//! Paths of uploaded files. They become paths below a folder of ours when an image is made, so only those
//! that can't lead anywhere else are accepted.

/// Bytes of a path, and of one name in it: what every file system takes.
const LONGEST: usize = 1024;
const LONGEST_NAME: usize = 255;

/// The path, without a leading `./`.
///
/// # Errors
/// A sentence, when it is empty, absolute, leads upwards, or holds what no portable path holds.
pub(crate) fn relative(given: &str) -> Result<String, String> {
    let mut path = given;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    let shown: String = given.chars().take(100).collect();
    let refused =
        |why: &str| Err(format!("'{}' can't be the path of a file: {why}", shown.escape_debug()));
    if path.is_empty() {
        return refused("it is empty");
    }
    if path.len() > LONGEST {
        return refused("it is longer than 1024 bytes");
    }
    if path.contains('\\') || path.chars().any(char::is_control) {
        return refused("it holds a backslash or a control character");
    }
    for name in path.split('/') {
        match name {
            "" => return refused("it is absolute, or a name in it is empty"),
            "." | ".." => return refused("it leads elsewhere"),
            _ if name.len() > LONGEST_NAME => {
                return refused("a name in it is longer than 255 bytes");
            }
            _ => {}
        }
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn only_what_stays_below_its_folder_passes() {
        for good in ["a", "src/app.py", "a b/ü.txt", "...", "..a/b..", ".env", "a:b"] {
            assert_eq!(relative(good).as_deref(), Ok(good));
        }
        assert_eq!(relative("././src/a").as_deref(), Ok("src/a"));
        let long = "x".repeat(256);
        let longer = "x/".repeat(600);
        for bad in [
            "",
            ".",
            "..",
            "./",
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a/..",
            "a//b",
            "a/",
            "a/./b",
            "C:\\a",
            "a\\..\\b",
            "a\0b",
            "a\nb",
            &long,
            &longer,
        ] {
            assert!(relative(bad).is_err(), "{bad:?}");
        }
    }
}
