-- Counts a failed attempt for each of these events, and parks those that have failed too often. Returns the identifiers of those that
-- are parked.
--
-- Parameters:
--   ids            uuid[]
--   errors         text[]  why each failed
--   delays_ms      int8[]  milliseconds until each is due again
--   attempts_most  int4[]  how often each may fail
WITH failed AS (
    SELECT * FROM unnest(:ids, :errors, :delays_ms, :attempts_most)
        AS failed (id, error, delay_ms, attempts_most)
),
postponed AS (
    UPDATE outbox
    SET attempts        = outbox.attempts + 1,
        last_error      = failed.error,
        next_attempt_at = now() + failed.delay_ms * interval '1 millisecond',
        set_aside_at    = CASE WHEN outbox.attempts + 1 >= failed.attempts_most THEN now() END
    FROM failed
    WHERE outbox.id = failed.id
    RETURNING outbox.id, outbox.set_aside_at
)
SELECT id FROM postponed WHERE set_aside_at IS NOT NULL
