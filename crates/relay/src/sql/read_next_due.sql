-- Milliseconds until the next event is due, rounded up; null if none is pending.
-- $1: the longest delay of an event that failed, in milliseconds; see `read_due.sql` for why one that would wait longer is due.
SELECT ceil(extract(epoch FROM min(
           CASE
               WHEN attempts = 0 OR next_attempt_at > now() + $1::bigint * interval '1 millisecond' THEN now()
               ELSE next_attempt_at
           END
       ) - now()) * 1000)::bigint
FROM outbox
WHERE set_aside_at IS NULL
