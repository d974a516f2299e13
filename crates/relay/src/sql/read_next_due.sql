-- Milliseconds until the next event is due, rounded up; null if none is pending.
SELECT ceil(extract(epoch FROM min(next_attempt_at) - now()) * 1000)::bigint
FROM outbox
WHERE set_aside_at IS NULL
