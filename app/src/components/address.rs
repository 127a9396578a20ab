//! Addresses of lists: what is asked for stands in the query, and what is left at its default does not.

use leptos::prelude::*;

use super::pager::escaped;

/// `path?name=value&…`, without the pairs whose value is empty.
pub fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    let mut sign = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(sign);
        text.push_str(&format!("{name}={}", escaped(value)));
        sign = '&';
    }
    text
}

/// The head of a column that the list can be sorted by. `sort` is the present order: the column's `key`, with
/// `-` before it when it descends; `link` makes the address of another one.
pub fn sort_head(
    label: &'static str,
    key: &'static str,
    sort: &str,
    link: impl Fn(&str) -> String,
) -> AnyView {
    let descends = sort.strip_prefix('-') == Some(key);
    let ascends = sort == key;
    let order = match (ascends, descends) {
        (true, _) => Some("ascending"),
        (_, true) => Some("descending"),
        _ => None,
    };
    let next = if ascends { format!("-{key}") } else { key.to_owned() };
    let mark = match (ascends, descends) {
        (true, _) => " ↑",
        (_, true) => " ↓",
        _ => "",
    };
    view! { <th scope="col" aria-sort=order><a class="sort" href=link(&next)>{label}<span aria-hidden="true">{mark}</span></a></th> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn only_what_is_asked_for_is_in_it() {
        assert_eq!(address("/a", &[("search", ""), ("sort", "")]), "/a");
        assert_eq!(
            address("/a", &[("search", "x y&z"), ("by", ""), ("offset", "20")]),
            "/a?search=x%20y%26z&offset=20"
        );
    }
}
