//! Reading what replicas wrote, also after they are gone.

use std::{cmp::Reverse, path::Path};

use super::{
    log_file::Newest,
    log_level,
    record::{self, SERVING},
};
use crate::{
    engine::LogQuery,
    model::{LogLine, ProtonId},
};

/// The lines of a proton that the query asks for, newest first.
pub(super) fn read(folder: &Path, proton: &ProtonId, query: &LogQuery) -> Vec<LogLine> {
    let wanted = query.containing.as_ref().map(|text| text.to_lowercase());
    let mut lines = Vec::new();
    for (number, container, path) in record::units(folder) {
        let label = label(proton, number, &container);
        let found = Newest::of(&path)
            .filter(|line| query.from.is_none_or(|from| line.at >= from))
            .filter(|line| query.to.is_none_or(|to| line.at <= to))
            .filter(|line| {
                wanted.as_ref().is_none_or(|text| line.text.to_lowercase().contains(text))
            })
            .map(|line| {
                let (level, message) = log_level::read(&line.text);
                LogLine { at: line.at, replica: label.clone(), level, message }
            })
            .filter(|line| line.level >= query.lowest)
            .take(query.limit);
        lines.extend(found);
    }
    lines.sort_by_key(|line| Reverse(line.at));
    lines.truncate(query.limit);
    lines
}

/// The last thing that a unit said.
pub(super) fn last_line(unit: &Path) -> Option<String> {
    Newest::of(unit).map(|line| log_level::read(&line.text).1).find(|text| !text.trim().is_empty())
}

/// What a unit is called in logs and flight records; helpers are told apart from the container that serves.
pub(super) fn label(proton: &ProtonId, number: u32, container: &str) -> String {
    let replica = format!("{proton}-{number}");
    if container == SERVING { replica } else { format!("{replica}/{container}") }
}
