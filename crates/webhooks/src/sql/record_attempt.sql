-- Writes an attempt into the log, and what follows from it into its delivery.
--
-- $1 endpoint, $2 event, $3 when it began, $4 how long it took in milliseconds, $5 status of the answer or null, $6 error or
-- null, $7 the delivery's state from now on, $8 the wait for the next attempt in milliseconds, $9 failures before this one, $10 whether the receiver
-- is gone.
--
-- A delivery that was requested again meanwhile (its count starts at 0), or that failed with its endpoint, stays
-- as it is: but for its lease, it only moves on from where this attempt found it. A receiver that is gone ends its endpoint, and what
-- waits for it.
--
-- Several deliveries may find out at once that the receiver is gone, and each then fails the others: the endpoint's row is locked before any
-- delivery's, or they would deadlock.
WITH gone AS MATERIALIZED (
    SELECT id FROM webhook_endpoints WHERE id = $1 AND $10 FOR NO KEY UPDATE
), logged AS (
    INSERT INTO webhook_attempts (endpoint_id, event_id, attempted_at, duration_ms, status_code, error)
    VALUES ($1, $2, $3, $4, $5, $6)
    -- The same attempt, written down again after the answer to the first writing was lost.
    ON CONFLICT ON CONSTRAINT webhook_attempts_pkey DO NOTHING
), disabled AS (
    UPDATE webhook_endpoints AS e
    SET disabled_at = now()
    FROM gone
    WHERE e.id = gone.id AND e.deleted_at IS NULL AND e.disabled_at IS NULL
    RETURNING e.id
), canceled AS (
    UPDATE webhook_deliveries AS d
    SET status = 'failed', ended_at = now(), leased_until = NULL
    FROM disabled
    WHERE d.endpoint_id = disabled.id AND d.event_id <> $2 AND d.status = 'pending'
)
UPDATE webhook_deliveries
SET
    leased_until = NULL,
    attempts = CASE WHEN attempts = $9 THEN attempts + 1 ELSE attempts END,
    status = CASE WHEN attempts = $9 THEN $7 ELSE status END,
    next_attempt_at = CASE WHEN attempts = $9 THEN now() + $8::bigint * interval '1 millisecond' ELSE next_attempt_at END,
    postponed_at = CASE WHEN attempts = $9 THEN now() ELSE postponed_at END,
    ended_at = CASE WHEN attempts = $9 AND $7 <> 'pending' THEN now() ELSE ended_at END
WHERE endpoint_id = $1 AND event_id = $2 AND status = 'pending' AND (SELECT count(*) FROM gone) >= 0
