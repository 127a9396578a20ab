//! What is still open, in words: `2 WebSockets, 1 upload, the oldest 42 s`.

use handover::model::{OpenWork, Track};

use crate::components::format::{plural, roughly};

/// What is open on a track, by kind and with the age of the oldest; none when nothing is.
pub fn open_words(track: &Track) -> Option<String> {
    let OpenWork { sockets, uploads, answers, waiting, oldest } = track.open_work;
    let kinds = [
        (sockets, "WebSocket", "WebSockets"),
        (uploads, "upload", "uploads"),
        (answers, "answer being sent", "answers being sent"),
        (waiting, "request waiting for its answer", "requests waiting for their answers"),
    ];
    let described = sockets + uploads + answers + waiting;
    let mut parts: Vec<String> = kinds
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| format!("{number} {}", if number == 1 { one } else { many }))
        .collect();
    // The count is exact; the description may have left some out.
    match track.open.saturating_sub(described) {
        0 => {}
        rest if parts.is_empty() => parts.push(plural(rest, "request")),
        rest => parts.push(plural(rest, "other request")),
    }
    if parts.is_empty() {
        return None;
    }
    if let Some(age) = oldest {
        parts.push(format!("the oldest {}", roughly(age)));
    }
    Some(parts.join(", "))
}

#[cfg(test)]
mod tests {
    use handover::model::{Millis, OpenWork, ProtonStatus, Track};

    use super::open_words;

    fn track(open: u64, open_work: OpenWork) -> Track {
        Track {
            proton_id: "p".parse().expect("an id"),
            label: "v3".into(),
            role: None,
            status: ProtonStatus::Draining,
            message: None,
            replicas: Vec::new(),
            replicas_wanted: 1,
            open,
            open_work,
            requests_per_second: 0.0,
            served: 0,
            failed: 0,
            median_ms: None,
        }
    }

    #[test]
    fn each_kind_is_named_and_what_is_not_described_is_counted() {
        let work = OpenWork {
            sockets: 2,
            uploads: 1,
            oldest: Some(Millis::seconds(42)),
            ..OpenWork::default()
        };
        let said = open_words(&track(3, work)).expect("something is open");
        assert_eq!(said, "2 WebSockets, 1 upload, the oldest 42 s");
        let said = open_words(&track(5, work)).expect("something is open");
        assert_eq!(said, "2 WebSockets, 1 upload, 2 other requests, the oldest 42 s");
        assert_eq!(open_words(&track(1, OpenWork::default())).as_deref(), Some("1 request"));
        assert_eq!(open_words(&track(0, OpenWork::default())), None);
    }
}
