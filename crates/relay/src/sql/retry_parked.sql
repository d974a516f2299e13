-- Delivers events again that are parked for a reason, as if they had never failed.
-- $1: the reason.
WITH again AS (
    UPDATE outbox
    SET set_aside_at = NULL, attempts = 0, next_attempt_at = now()
    WHERE set_aside_at IS NOT NULL AND coalesce(last_error, '') = $1::text
    RETURNING id
)
SELECT count(*) FROM again
