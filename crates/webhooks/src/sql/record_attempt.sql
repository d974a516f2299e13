-- Writes an attempt into the log, and what follows from it into its delivery.
--
-- A delivery that was requested again meanwhile (its count starts at 0), or that failed with its endpoint, stays
-- as it is: but for its lease, it only moves on from where this attempt found it. A receiver that is gone ends its endpoint, and what
-- waits for it.
--
-- Several deliveries may find out at once that the receiver is gone, and each then fails the others: the endpoint's row is locked before any
-- delivery's, or they would deadlock.
--
-- Parameters:
--   endpoint_id    uuid
--   event_id       uuid
--   attempted_at   timestamptz   when it began
--   duration_ms    int4          milliseconds
--   status_code    int4 or null  of the answer
--   error          text or null
--   status         text          the delivery's from now on
--   delay_ms       int8          milliseconds until the next attempt
--   attempts       int4          failures before this one
--   is_gone        bool          whether the receiver is
WITH gone AS MATERIALIZED (
    SELECT id FROM webhook_endpoints WHERE id = :endpoint_id AND :is_gone FOR NO KEY UPDATE
), logged AS (
    INSERT INTO webhook_attempts (endpoint_id, event_id, attempted_at, duration_ms, status_code, error)
    VALUES (:endpoint_id, :event_id, :attempted_at, :duration_ms, :status_code, :error)
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
    WHERE d.endpoint_id = disabled.id AND d.event_id <> :event_id AND d.status = 'pending'
)
UPDATE webhook_deliveries
SET
    leased_until = NULL,
    attempts = CASE WHEN attempts = :attempts THEN attempts + 1 ELSE attempts END,
    status = CASE WHEN attempts = :attempts THEN :status ELSE status END,
    next_attempt_at = CASE WHEN attempts = :attempts THEN now() + :delay_ms * interval '1 millisecond' ELSE next_attempt_at END,
    postponed_at = CASE WHEN attempts = :attempts THEN now() ELSE postponed_at END,
    ended_at = CASE WHEN attempts = :attempts AND :status <> 'pending' THEN now() ELSE ended_at END
WHERE endpoint_id = :endpoint_id AND event_id = :event_id AND status = 'pending' AND (SELECT count(*) FROM gone) >= 0
