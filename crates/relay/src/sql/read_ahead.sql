-- The batch after the one that is being delivered: as `read_due.sql`, without the rows in flight, which must not
-- be delivered a second time.
-- $1: the most rows; $2: the identifiers of the rows in flight.
-- The rows in flight are given by a sub-select, which PostgreSQL makes a hash table of; it would search an array from its
-- beginning for each row.
-- It is a statement of its own also for its plan: the plan of `read_due.sql` is often made while the table is empty, and
-- is then bad for a backlog; this one only ever runs when there is a backlog.
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
  AND id NOT IN (SELECT unnest($2::uuid[]))
ORDER BY id
LIMIT $1::bigint
