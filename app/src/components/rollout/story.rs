//! A replacement in words: its headline, its state in a few words, and the sentence below.

use handover::model::{
    Millis, ReplacementKind, ReplacementRecord, ReplacementStatus, Timestamp, Track, WorkloadLive,
    WorkloadStatus,
};

use leptos::{either::Either, prelude::*};

use super::road::{Way, is_over, way};
use crate::components::{
    format::{minutes, plural},
    time::Clock,
};

/// How long a finished replacement stays in view after its end.
const AFTERGLOW: Millis = Millis::minutes(10);

/// The replacement that the page is about: the one that runs; or the newest, when it has just ended, or has
/// failed and nothing came after it.
pub fn shown(live: &WorkloadLive, now: Timestamp) -> Option<ReplacementRecord> {
    if let Some(running) = live.workload.replacement.as_ref().filter(|r| !is_over(r)) {
        return Some(running.clone());
    }
    let newest = live.history.first().filter(|r| r.kind != ReplacementKind::Promote)?;
    let had_candidate = !newest.candidate_proton_ids.is_empty();
    // It says what serves. Once that fails by itself, or somebody stops it, the page is about that.
    let stands = newest.status != ReplacementStatus::Completed
        || live.workload.status == WorkloadStatus::Running;
    let recent = now.since(newest.updated_at) < AFTERGLOW;
    (had_candidate && stands && (recent || failed(newest))).then(|| newest.clone())
}

/// It ended badly by itself.
pub fn failed(record: &ReplacementRecord) -> bool {
    record.status == ReplacementStatus::Errored && !record.cancelled
}

/// The two versions of `v3 → v4`; none for names that read otherwise.
pub fn sides(record: &ReplacementRecord) -> Option<(&str, &str)> {
    match record.kind {
        ReplacementKind::Replace | ReplacementKind::Rollback => record.name.split_once(" → "),
        _ => None,
    }
}

pub fn old_side(record: &ReplacementRecord) -> &str {
    match (sides(record), record.kind) {
        (Some((old, _)), _) => old,
        (None, ReplacementKind::Settings) => "the old settings",
        (None, _) => "the old version",
    }
}

pub fn new_side(record: &ReplacementRecord) -> &str {
    match (sides(record), record.kind) {
        (Some((_, new)), _) => new,
        (None, ReplacementKind::Settings) => "the new settings",
        (None, _) => "the new version",
    }
}

pub fn headline(record: &ReplacementRecord) -> String {
    let over = is_over(record);
    match (record.kind, sides(record)) {
        (_, Some((old, new))) if over => format!("{old} → {new}"),
        (_, Some((old, new))) => format!("Replacing {old} with {new}"),
        (ReplacementKind::Settings, None) if !over => format!("Changing {}", record.name),
        _ => capital(&record.name),
    }
}

/// With a capital, unless it begins with a version.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some('v'), Some(digit)) if digit.is_ascii_digit() => text.to_owned(),
        (Some(first), _) => first.to_uppercase().chain(letters).collect(),
        (None, _) => String::new(),
    }
}

/// How it stands, as the colour of a chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Underway,
    Good,
    Bad,
    Undone,
}

impl Tone {
    pub fn chip(self) -> &'static str {
        match self {
            Self::Underway => "chip next",
            Self::Good => "chip go",
            Self::Bad => "chip bad",
            Self::Undone => "chip warn",
        }
    }
}

/// How it ended, in a word; none while it goes on.
pub fn outcome_word(record: &ReplacementRecord) -> Option<(&'static str, Tone)> {
    match (record.status, record.cancelled, record.switched_at) {
        (ReplacementStatus::Completed, ..) => Some(("Completed", Tone::Good)),
        (ReplacementStatus::Errored, true, Some(_)) => Some(("Switched back", Tone::Undone)),
        (ReplacementStatus::Errored, true, None) => Some(("Cancelled", Tone::Undone)),
        (ReplacementStatus::Errored, false, _) => Some(("Failed", Tone::Bad)),
        _ => None,
    }
}

/// Its state in a few words, with the time that is left.
pub fn state_words(record: &ReplacementRecord, tracks: &[Track], now: Timestamp) -> (String, Tone) {
    if let Some((word, tone)) = outcome_word(record) {
        return (word.into(), tone);
    }
    let left = record.stage_until.map(|until| minutes(until.since(now)));
    let with_left = |word: &str| match &left {
        Some(left) => format!("{word}, {left} left"),
        None => word.to_owned(),
    };
    let text = match (way(record), record.stage.as_str()) {
        (Way::Withdrawn, _) => "Being taken back".into(),
        (Way::Back, _) => "Switching back".into(),
        (_, "starting" | "submitted") => match candidate(record, tracks) {
            Some(track) => {
                format!("Starting, {} of {} ready", track.ready(), track.replicas_wanted)
            }
            None => "Starting".into(),
        },
        (_, "ready") => "Ready".into(),
        (_, "warming") => with_left("Warming up"),
        (_, "held") => "Held before the switch".into(),
        (_, "switching") => "Switching".into(),
        (_, "draining") => match leaving(record, tracks) {
            Some(track) => format!("Draining, {} open", plural(track.open, "request")),
            None => "Draining".into(),
        },
        (_, "keeping") => with_left("Old version kept"),
        _ => "Cleaning up".into(),
    };
    (text, if way(record) == Way::Forward { Tone::Underway } else { Tone::Undone })
}

pub fn candidate<'a>(record: &ReplacementRecord, tracks: &'a [Track]) -> Option<&'a Track> {
    tracks.iter().find(|track| record.candidate_proton_ids.contains(&track.proton_id))
}

pub fn leaving<'a>(record: &ReplacementRecord, tracks: &'a [Track]) -> Option<&'a Track> {
    let previous = record.previous_proton_ids.as_deref().unwrap_or_default();
    tracks.iter().find(|track| previous.contains(&track.proton_id))
}

/// What it waits for, until when, and what comes next; how it ended once it is over.
pub fn said(record: &ReplacementRecord) -> impl IntoView + use<> {
    if is_over(record) {
        return Either::Left(ending(record, "serves now"));
    }
    let waits = record.waiting_for.clone().map(|wait| {
        let until =
            record.stage_until.map(|until| view! { ", until "<Clock at=until/>" at the latest" });
        view! { {format!("It waits for {wait}")}{until}". " }
    });
    Either::Right(view! { {waits}{record.next.clone()} })
}

/// How it ended, long after it did: another one may serve now.
pub fn ended(record: &ReplacementRecord) -> String {
    ending(record, "took the traffic")
}

fn ending(record: &ReplacementRecord, serves: &str) -> String {
    let moved = match (record.status, record.kind) {
        (ReplacementStatus::Errored, _) => String::new(),
        (_, ReplacementKind::Settings) => "The new settings are in effect.".to_owned(),
        (_, ReplacementKind::Promote) => "Nothing that runs was touched.".to_owned(),
        _ => format!("{} {serves}.", capital(new_side(record))),
    };
    let said = record.message.as_deref().map(capital).unwrap_or_default();
    format!("{moved} {said}").trim().to_owned()
}
