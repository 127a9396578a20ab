//! Log lines as clients read them: strings that are never null (rules.md §16).

use serde::{Deserialize, Serialize};

use super::{LogLevel, LogLine, ProtonId, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogRecord {
    pub timestamp: Timestamp,
    pub level: LogLevel,
    pub message: String,
    pub stacktrace: String,
    pub span_id: String,
    pub trace_id: String,
    pub proton_id: ProtonId,
    pub replica: String,
}

impl LogRecord {
    #[must_use]
    pub fn new(proton: &ProtonId, line: LogLine) -> Self {
        Self {
            timestamp: line.at,
            level: line.level,
            message: line.message,
            stacktrace: line.stacktrace,
            span_id: line.span_id,
            trace_id: line.trace_id,
            proton_id: proton.clone(),
            replica: line.replica,
        }
    }
}
