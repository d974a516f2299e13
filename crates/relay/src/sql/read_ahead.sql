-- The batch after the one that is being delivered: as `read_due.sql`, without the rows in flight, which must not
-- be delivered a second time.
--
-- The rows in flight are given by a sub-select, which PostgreSQL makes a hash table of; it would search an array from its
-- beginning for each row.
-- It is a statement of its own also for its plan: the plan of `read_due.sql` is often made while the table is empty, and
-- is then bad for a backlog; this one only ever runs when there is a backlog.
--
-- Parameters:
--   most        int8
--   bytes_most  int8
--   longest_ms  int8
--   in_flight   uuid[]
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
          AND id NOT IN (SELECT unnest(:in_flight))
        ORDER BY id
        LIMIT :most
    ) AS due
    WINDOW by_id AS (ORDER BY id ROWS UNBOUNDED PRECEDING)
) AS batch
WHERE position = 1 OR bytes <= :bytes_most
ORDER BY id
