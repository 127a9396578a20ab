//! The smoking gun: what the flight record of a candidate that was given up says about why, in a sentence.

use crate::model::{FlightRecord, ProbeAttempt};

/// How much of a log line is quoted.
const QUOTED: usize = 200;

/// The last exit, the last failed probe and the last line, as far as there are any and `said` does not say so already.
pub(super) fn evidence(flight: &FlightRecord, said: &str) -> Option<String> {
    let exit = flight.exits.last().and_then(|exit| {
        let how = match (exit.code, exit.signal) {
            (Some(code), _) => format!("exited with code {code}"),
            (None, Some(signal)) => format!("was ended by signal {signal}"),
            (None, None) => "ended".to_owned(),
        };
        (!said.contains(&how)).then(|| format!("{} {how}", exit.replica))
    });
    let probe = flight.probes.iter().rev().find(|probe| !probe.passed).map(attempt);
    let line = flight.log_tail.last().and_then(|line| {
        let quoted: String = line.chars().take(QUOTED).collect();
        (!said.contains(&quoted)).then(|| format!("last line: {quoted}"))
    });
    let found: Vec<_> = [exit, probe, line].into_iter().flatten().collect();
    (!found.is_empty()).then(|| found.join("; "))
}

fn attempt(probe: &ProbeAttempt) -> String {
    match (probe.status, &probe.head) {
        (Some(status), _) => format!("the last failed {} probe was answered {status}", probe.kind),
        (None, Some(head)) => format!("the last failed {} probe got no answer: {head}", probe.kind),
        (None, None) => format!("the last failed {} probe got no answer", probe.kind),
    }
}

#[cfg(test)]
mod tests {
    use super::evidence;
    use crate::model::{Exit, FlightRecord, ProbeAttempt, ProbeKind, Timestamp};

    #[test]
    fn says_how_it_ended_what_it_answered_and_what_it_wrote_last() {
        let at = Timestamp::from_micros(0);
        let probe = |passed, status| ProbeAttempt {
            at,
            replica: "r-0".into(),
            kind: ProbeKind::Readiness,
            status: Some(status),
            millis: 3,
            head: None,
            passed,
        };
        let flight = FlightRecord {
            log_tail: vec!["first".into(), "no database".into()],
            probes: vec![probe(false, 503), probe(true, 200)],
            exits: vec![Exit { replica: "r-0".into(), code: Some(42), signal: None, at }],
            restarts: 1,
        };
        let said = evidence(&flight, "not ready after 5 min");
        let expected = "r-0 exited with code 42; the last failed readiness probe was answered 503; \
             last line: no database";
        assert_eq!(said.as_deref(), Some(expected));
        let twice = "exited with code 42, 3 times in a row; last line: no database";
        let rest = "the last failed readiness probe was answered 503";
        assert_eq!(evidence(&flight, twice).as_deref(), Some(rest), "nothing is said twice");
        assert_eq!(evidence(&FlightRecord::default(), ""), None);
    }
}
