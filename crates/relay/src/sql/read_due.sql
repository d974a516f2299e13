-- The next batch: what is due and not parked, in the order of the identifiers, which grow with time.
-- $1: the most rows.
-- The payload is read as text: that is the stored text byte for byte.
-- The condition is a CASE so that the planner cannot guess from it: without statistics, which this table never has for
-- long, it takes both halves for rare, and sorts the whole backlog for each batch instead of following the primary key.
SELECT id,
       event_type,
       order_id,
       payload::text,
       traceparent,
       tracestate,
       (extract(epoch FROM created_at) * 1000000)::bigint,
       attempts
FROM outbox
WHERE CASE WHEN set_aside_at IS NULL THEN next_attempt_at <= now() ELSE false END
ORDER BY id
LIMIT $1::bigint
