-- The next batch: what is due and not parked, in the order of the identifiers, which grow with time.
--
-- The last column says whether more is due behind the row.
-- The payload is read as text: that is the stored text byte for byte.
-- An event that was never tried is due, and so is one that would wait longer than any delay: the clock was set back since.
-- The condition is a CASE so that the planner cannot guess from it: without statistics, which this table never has for
-- long, it takes both halves for rare, and sorts the whole backlog for each batch instead of following the primary key.
--
-- Parameters:
--   most        int8
--   bytes_most  int8  of the payloads, of which the first row may have more
--   longest_ms  int8  milliseconds that an event waits at most after a failure
SELECT id,
       event_type,
       order_id,
       payload,
       traceparent,
       tracestate,
       created_at_us,
       attempts,
       more_due
FROM (
    SELECT *,
           row_number() OVER by_id AS position,
           sum(octet_length(payload)) OVER by_id AS bytes,
           lead(id) OVER by_id IS NOT NULL AS more_due
    FROM (
        SELECT id,
               event_type,
               order_id,
               payload::text AS payload,
               traceparent,
               tracestate,
               (extract(epoch FROM created_at) * 1000000)::bigint AS created_at_us,
               attempts
        FROM outbox
        WHERE CASE
            WHEN set_aside_at IS NOT NULL THEN false
            WHEN attempts = 0 OR next_attempt_at <= now() THEN true
            ELSE next_attempt_at > now() + :longest_ms * interval '1 millisecond'
        END
        ORDER BY id
        LIMIT :most
    ) AS due
    WINDOW by_id AS (ORDER BY id ROWS UNBOUNDED PRECEDING)
) AS batch
WHERE position = 1 OR bytes <= :bytes_most
ORDER BY id
