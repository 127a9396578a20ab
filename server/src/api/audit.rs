//! The audit trail (rules.md L15, L16.4): pages of it, and exports of all that matches.

use std::fmt::Write;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream::try_unfold;
use handover::{
    access::Caller,
    audit,
    error::Error,
    house::House,
    model::{
        AuditAction, AuditFormat, AuditOutcome, AuditRecord, AuditedKind, Timestamp, UserId,
        WorkloadId,
    },
    store::AuditFilter,
};

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::{Parameter, many, one},
    query::Query,
    route::{Routes, get},
    sketch::{Gives, Sketch},
};

/// Entries of an export that are read together.
const BATCH: u64 = 500;

fn filters() -> [Parameter; 7] {
    [
        many::<UserId>("actorId", "Only what these people did"),
        many::<AuditAction>("action", "Only these actions"),
        many::<AuditedKind>("entityType", "Only what was done to these"),
        one::<String>("entityId", "Only what was done to this one"),
        many::<AuditOutcome>("outcome", "Only what was done, or only what was refused"),
        one::<Timestamp>("startTime", "Not before"),
        one::<Timestamp>("endTime", "Before"),
    ]
}

pub(super) fn routes() -> Routes {
    let (all, of_one) = ("/api/v2/audit", "/api/v2/workloads/{id}/audit");
    let format = || [one::<AuditFormat>("format", "JSON lines when not given")];
    let export = get(format!("{all}/export"), "Export the audit trail", export);
    let export_one =
        get(format!("{of_one}/export"), "Export the audit trail of a workload", export_one);
    let list = get(all, "Read the audit trail", list);
    let list_one = get(of_one, "Read the audit trail of a workload", list_one)
        .says("Newest first, with what was done to artifacts while the workload ran them.");
    Routes::of("Audit")
        .with(list.says("Newest first.").paged(MOST).query(filters()))
        .with(export.query(filters()).query(format()))
        .with(list_one.paged(MOST).query(filters()))
        .with(export_one.query(filters()).query(format()))
}

fn filter(query: &mut Query) -> AuditFilter {
    AuditFilter {
        workload: None,
        actors: query.many("actorId"),
        actions: query.many("action"),
        kinds: query.many("entityType"),
        entity: query.one("entityId"),
        outcomes: query.many("outcome"),
        from: query.one("startTime"),
        to: query.one("endTime"),
    }
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<AuditRecord>> {
    let (filter, page) = (filter(&mut query), paging(&mut query, MOST));
    query.done()?;
    Ok(asked.envelope(audit::list(&house, &caller, &filter, page).await?, page))
}

async fn list_one(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<AuditRecord>> {
    let (filter, page) = (filter(&mut query), paging(&mut query, MOST));
    query.done()?;
    Ok(asked.envelope(audit::of_workload(&house, &caller, &id, &filter, page).await?, page))
}

async fn export(
    State(house): State<House>,
    Signed(caller): Signed,
    mut query: Query,
) -> Answer<Export> {
    let (filter, format) = (filter(&mut query), query.one("format"));
    query.done()?;
    Export::of(house, caller, None, filter, format).await
}

async fn export_one(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    mut query: Query,
) -> Answer<Export> {
    let (filter, format) = (filter(&mut query), query.one("format"));
    query.done()?;
    Export::of(house, caller, Some(id), filter, format).await
}

/// All that matches, newest first, written while it is read.
struct Export {
    format: AuditFormat,
    body: Body,
}

/// What is left of an export.
struct Rest {
    house: House,
    caller: Caller,
    workload: Option<WorkloadId>,
    filter: AuditFilter,
    format: AuditFormat,
    /// The number of the last entry that was written; none before the first.
    last: Option<i64>,
}

impl Export {
    async fn of(
        house: House,
        caller: Caller,
        workload: Option<WorkloadId>,
        filter: AuditFilter,
        format: Option<AuditFormat>,
    ) -> Answer<Self> {
        let format = format.unwrap_or(AuditFormat::Jsonl);
        let mut rest = Rest { house, caller, workload, filter, format, last: None };
        // The first batch before the first byte, so that a refusal is still an answer of its own.
        let first = rest.next().await?;
        let rows = try_unfold((Some(rest), first), |(rest, ready)| async move {
            let Some(mut rest) = rest else { return Ok::<_, Error>(None) };
            match ready {
                None => Ok(None),
                Some(bytes) => {
                    let next = rest.next().await?;
                    Ok(Some((bytes, (Some(rest), next))))
                }
            }
        });
        Ok(Self { format, body: Body::from_stream(rows) })
    }
}

impl Rest {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let Self { house, caller, workload, filter, last, .. } = self;
        let begins = last.is_none();
        let records = audit::before(house, caller, workload.as_ref(), filter, *last, BATCH).await?;
        let end = records.last().and_then(|record| record.id.parse().ok());
        if end.is_none() && !begins {
            return Ok(None);
        }
        // Below the first entry there is none.
        *last = Some(end.unwrap_or_default());
        let mut text = String::new();
        match self.format {
            AuditFormat::Jsonl => {
                for record in &records {
                    text.push_str(&serde_json::to_string(record).unwrap_or_default());
                    text.push('\n');
                }
            }
            AuditFormat::Csv => {
                if begins {
                    text.push_str("id,timestamp,username,tokenName,channel,ip,userAgent,action,entityType,entityId,outcome,reason,requestId,before,after,mark\r\n");
                }
                for record in &records {
                    line(&mut text, record);
                }
            }
        }
        Ok(Some(text.into()))
    }
}

/// One line of CSV (RFC 4180).
fn line(text: &mut String, record: &AuditRecord) {
    let entry = &record.entry;
    let actor = entry.actor.as_ref();
    let json = |value: &Option<serde_json::Value>| {
        value.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        record.id.clone(),
        entry.timestamp.to_string(),
        actor.map(|actor| actor.username.clone()).unwrap_or_default(),
        actor.and_then(|actor| actor.token_name.clone()).unwrap_or_default(),
        entry.source.channel.clone(),
        or_empty(&entry.source.ip),
        or_empty(&entry.source.user_agent),
        entry.action.word().to_owned(),
        entry.entity.kind.word().to_owned(),
        or_empty(&entry.entity.id),
        entry.outcome.word().to_owned(),
        or_empty(&entry.reason),
        or_empty(&entry.request_id),
        json(&entry.before),
        json(&entry.after),
        record.mark.clone(),
    ];
    for (n, cell) in cells.iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        // A spreadsheet takes a text that begins like a formula for one.
        let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        let _ = write!(text, "{comma}\"{guard}{}\"", cell.replace('"', "\"\""));
    }
    text.push_str("\r\n");
}

impl IntoResponse for Export {
    fn into_response(self) -> Response {
        let (kind, file) = match self.format {
            AuditFormat::Jsonl => ("application/jsonl", "attachment; filename=\"audit.jsonl\""),
            AuditFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        };
        let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)];
        (headers, self.body).into_response()
    }
}

impl Gives for Export {
    fn describe(sketch: &mut Sketch) {
        let says = "All that matches, newest first";
        sketch.gives_texts(200, says, ["application/jsonl", "text/csv"]);
    }
}
