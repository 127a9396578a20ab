//! Work that is worth a place on a time line: spans under this target go to the collector of traces, where one
//! is configured, and never into the log. Without a collector nobody wants them, and beginning one is a look at
//! a static flag.
//!
//! Their names and attributes follow the conventions of OpenTelemetry, so they are not repeated in lines of log,
//! which have words of their own.

/// The target of such spans.
pub const TRACED: &str = "handover::traced";
