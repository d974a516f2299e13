-- The next batch: what is due and not parked, in the order of the identifiers, which grow with time.
-- $1: the most rows; $2: the most bytes of their payloads, of which the first row may have more; $3: the longest delay of an event
-- that failed, in milliseconds.
-- The last column says whether more is due behind the row.
-- The payload is read as text: that is the stored text byte for byte.
-- An event that was never tried is due, and so is one that would wait longer than any delay: the clock was set back since.
-- The condition is a CASE so that the planner cannot guess from it: without statistics, which this table never has for
-- long, it takes both halves for rare, and sorts the whole backlog for each batch instead of following the primary key.
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
            ELSE next_attempt_at > now() + $3::bigint * interval '1 millisecond'
        END
        ORDER BY id
        LIMIT $1::bigint
    ) AS due
    WINDOW by_id AS (ORDER BY id ROWS UNBOUNDED PRECEDING)
) AS batch
WHERE position = 1 OR bytes <= $2::bigint
ORDER BY id
