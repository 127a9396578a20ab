//! Dockerfiles: the one that is written for code that brings none, and which images any of them stands on.
//!
//! Known limitation: a name that is put together of build arguments is only known when these have defaults that
//! stand before the first FROM; its registry is asked without a credential otherwise.

use std::collections::BTreeMap;

/// Where the code is in the archive that a generated Dockerfile is built from, and where in the image.
pub(super) const CODE: &str = "code";
const HOME: &str = "/app";
/// Nobody in particular, and not root.
const USER: &str = "65532:65532";

/// The code on top of an image. A first word that is one of the `files` is that file, wherever it is looked for.
pub(super) fn generated<'a>(
    base: &str,
    entrypoint: &[String],
    files: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut words = entrypoint.to_vec();
    if let Some(program) = words.first_mut() {
        let path = program.trim_start_matches("./");
        if files.into_iter().any(|file| file == path) {
            *program = format!("{HOME}/{path}");
        }
    }
    // JSON is also what the engine reads words from.
    let words = serde_json::Value::from(words);
    format!("FROM {base}\nWORKDIR {HOME}\nCOPY {CODE}/ {HOME}/\nUSER {USER}\nENTRYPOINT {words}\n")
}

/// The images that a Dockerfile takes from elsewhere, each once.
pub(super) fn images(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut arguments: BTreeMap<String, String> = BTreeMap::new();
    let mut stages: Vec<String> = Vec::new();
    let mut count = 0;
    for line in instructions(text) {
        let mut words = line.split_whitespace();
        let instruction = words.next().unwrap_or_default().to_ascii_uppercase();
        let image = match instruction.as_str() {
            "ARG" if count == 0 => {
                for word in words {
                    let (name, value) = word.split_once('=').unwrap_or((word, ""));
                    let value = filled(value.trim_matches(['"', '\'']), &arguments);
                    arguments.insert(name.to_owned(), value);
                }
                continue;
            }
            "FROM" => {
                count += 1;
                let mut words = words.skip_while(|word| word.starts_with("--"));
                let image = words.next().map(|image| filled(image, &arguments));
                if words.next().is_some_and(|word| word.eq_ignore_ascii_case("as")) {
                    stages.extend(words.next().map(str::to_lowercase));
                }
                image
            }
            "COPY" => {
                words.take_while(|word| word.starts_with("--")).find_map(|word| {
                    // A number is that of a stage.
                    let from = word.strip_prefix("--from=")?;
                    from.parse::<usize>().is_err().then(|| from.to_owned())
                })
            }
            _ => None,
        };
        let Some(image) = image else { continue };
        let is_stage = stages.contains(&image.to_lowercase()) || image == "scratch";
        if !is_stage && !image.is_empty() && !found.contains(&image) {
            found.push(image);
        }
    }
    found
}

/// Lines without comments, those that go on in the next put together.
fn instructions(text: &str) -> Vec<String> {
    let directive = text.lines().map(str::trim).take_while(|line| line.starts_with('#'));
    let escapes = directive.map(|line| line.replace(' ', "").to_lowercase());
    let escape = if escapes.into_iter().any(|line| line == "#escape=`") { '`' } else { '\\' };
    let (mut all, mut open) = (Vec::new(), String::new());
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') {
            continue;
        }
        match line.strip_suffix(escape) {
            Some(part) => open.extend([part, " "]),
            None => {
                open.push_str(line);
                all.push(std::mem::take(&mut open));
            }
        }
    }
    all.push(open);
    all
}

/// With the defaults of build arguments in place of `$NAME`, `${NAME}` and `${NAME:-other}`.
fn filled(text: &str, arguments: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, other, left) =
            match after.strip_prefix('{').and_then(|in_it| in_it.split_once('}')) {
                Some((inside, left)) => {
                    let (name, other) = inside.split_once(":-").unwrap_or((inside, ""));
                    (name, other, left)
                }
                None => {
                    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    let (name, left) = after.split_at(end.unwrap_or(after.len()));
                    (name, "", left)
                }
            };
        let value = arguments.get(name).filter(|value| !value.is_empty());
        out.push_str(value.map_or(other, String::as_str));
        rest = left;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{generated, images};

    #[test]
    fn what_is_generated_starts_the_file_that_is_named() {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let files = ["bin/run.sh", "main.py"];
        let text = generated("r.io/python:3", &words(&["./bin/run.sh", "a \"b\"\n"]), files);
        let wanted = "FROM r.io/python:3\nWORKDIR /app\nCOPY code/ /app/\nUSER 65532:65532\n\
                      ENTRYPOINT [\"/app/bin/run.sh\",\"a \\\"b\\\"\\n\"]\n";
        assert_eq!(text, wanted);
        assert_eq!(images(&text), ["r.io/python:3"]);
        let text = generated("python", &words(&["python3", "main.py"]), files);
        assert!(text.ends_with("ENTRYPOINT [\"python3\",\"main.py\"]\n"), "{text}");
    }

    #[test]
    fn the_images_that_a_dockerfile_stands_on_are_found() {
        let text = "# syntax=docker/dockerfile:1\n\
            ARG TAG=1.2 BASE=\"r.io/base\"\n\
            ARG EMPTY\n\
            from --platform=linux/amd64 \\\n  # in between\n  $BASE:${TAG} AS Build\n\
            RUN echo FROM nowhere\n\
            FROM ${EMPTY:-r.io/other}:$TAG\n\
            COPY --from=build --chown=1 /a /a\n\
            COPY --from=0 /a /a\n\
            COPY --from=r.io/tools:3 /a /a\n\
            COPY --chown=1 --from=r.io/tools:3 --from=no /a\n\
            FROM build\n\
            FROM scratch";
        assert_eq!(images(text), ["r.io/base:1.2", "r.io/other:1.2", "r.io/tools:3"]);
        let backtick = "# escape=`\nFROM `\n a\nRUN dir C:\\\nFROM b";
        assert_eq!(images(backtick), ["a", "b"]);
        assert_eq!(images("FROM"), Vec::<String>::new());
    }
}
