-- Has an event delivered again, from the first attempt on, and keeps the key of the request.
--
-- $1 endpoint, $2 event, $3 idempotency key or null, $4 SHA-256 of the request or null, $5 answer or null.
WITH again AS (
    UPDATE webhook_deliveries AS d
    SET status = 'pending', attempts = 0, next_attempt_at = now(), ended_at = NULL
    FROM webhook_endpoints AS e
    WHERE d.endpoint_id = $1 AND d.event_id = $2 AND e.id = d.endpoint_id AND e.deleted_at IS NULL
    RETURNING d.event_id
), keyed AS (
    INSERT INTO idempotency_keys (key, request_sha256, status, answer)
    SELECT CAST($3 AS text), CAST($4 AS text), 202, CAST($5 AS text)
    FROM again
    WHERE CAST($3 AS text) IS NOT NULL
)
SELECT count(*)::integer AS again
FROM again
