//! A trace that a statement carries itself, in a comment at its end as [sqlcommenter](https://google.github.io/sqlcommenter/spec/)
//! writes them: `/*traceparent='00-…'*/`.
//!
//! wasmCloud begins a new trace when a provider calls a component, so what the component does for a message loses its parent. A
//! component that knows the message's trace passes it this way.

use waybill_telemetry::TraceContext;

/// The statement without such a comment, which would make each text another statement to be prepared, and the trace.
pub fn split(sql: &str) -> (&str, Option<TraceContext>) {
    let found = || {
        let (statement, comment) = sql.trim_end().strip_suffix("*/")?.rsplit_once("/*")?;
        let traceparent = comment.trim().strip_prefix("traceparent='")?.strip_suffix('\'')?;
        Some((statement.trim_end(), TraceContext::new(traceparent, None)?))
    };
    match found() {
        Some((statement, trace)) => (statement, Some(trace)),
        None => (sql, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn the_trace_is_split_off_the_statement() {
        let (statement, trace) =
            split("SELECT 1 /*traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/\n");
        assert_eq!(statement, "SELECT 1");
        assert_eq!(trace.unwrap().traceparent, TRACE);
    }

    #[test]
    fn any_other_comment_stays() {
        for sql in
            ["SELECT 1", "SELECT 1 /* why */", "SELECT 1 /*traceparent='00-x'*/", "SELECT '/*' || '*/'"]
        {
            assert_eq!(split(sql), (sql, None));
        }
    }
}
