//! `$(NAME)` in entrypoints and values, by the rules of Kubernetes: a known name is replaced, an unknown
//! one stays as it is, `$$` is a `$`, and nothing that was put in is looked at again.

/// `known` gives the value of a name.
pub(in crate::engine) fn expand<'a>(text: &str, known: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let reference = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        match reference {
            Some((name, after)) => {
                match known(name) {
                    Some(value) => out.push_str(value),
                    None => out.extend(["$(", name, ")"]),
                }
                rest = after;
            }
            None => out.push('$'),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn as_in_kubernetes() {
        let known = |name: &str| match name {
            "PORT" => Some("20000"),
            "LOOP" => Some("$(PORT)"),
            "" => Some("nameless"),
            _ => None,
        };
        let cases = [
            ("--port=$(PORT)", "--port=20000"),
            ("$(PORT)$(PORT)", "2000020000"),
            ("$(NOPE) stays", "$(NOPE) stays"),
            ("$$(PORT)", "$(PORT)"),
            ("$$$(PORT)", "$20000"),
            ("$$$$(PORT)", "$$(PORT)"),
            ("$(LOOP)", "$(PORT)"),
            ("cost: 5$", "cost: 5$"),
            ("$PORT ${PORT}", "$PORT ${PORT}"),
            ("$(PORT", "$(PORT"),
            ("$(", "$("),
            ("ü$(PORT)ü", "ü20000ü"),
        ];
        for (given, wanted) in cases {
            assert_eq!(expand(given, known), wanted, "{given}");
        }
    }
}
