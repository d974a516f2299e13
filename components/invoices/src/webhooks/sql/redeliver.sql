-- Has an event delivered again, from the first attempt on, and keeps the key of the request: both or neither. Neither happens where
-- there is no such delivery or the key is taken, and the row that is returned says so.
--
-- $1 endpoint, $2 event, $3 caller, $4 idempotency key or null, $5 SHA-256 of the request or null, $6 answer or null.
WITH delivery AS (
    SELECT d.endpoint_id, d.event_id
    FROM webhook_deliveries AS d
    JOIN webhook_endpoints AS e ON e.id = d.endpoint_id
    WHERE d.endpoint_id = $1 AND d.event_id = $2 AND e.deleted_at IS NULL
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, answer)
    SELECT CAST($4 AS text), CAST($3 AS text), false, CAST($5 AS text), 202, CAST($6 AS text)
    FROM delivery
    WHERE CAST($4 AS text) IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), again AS (
    UPDATE webhook_deliveries AS d
    SET status = 'pending', attempts = 0, next_attempt_at = now(), ended_at = NULL
    FROM delivery
    WHERE d.endpoint_id = delivery.endpoint_id AND d.event_id = delivery.event_id
        AND (CAST($4 AS text) IS NULL OR EXISTS (SELECT 1 FROM keyed))
    RETURNING d.event_id
)
SELECT
    EXISTS (SELECT 1 FROM delivery) AS is_known,
    EXISTS (SELECT 1 FROM again) AS is_again
