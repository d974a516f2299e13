-- The endpoint, and the key of the request: both or neither. Neither is written where the URL is not allowed, there is no room or the
-- key is taken, and the row that is returned says so.
--
-- $1 endpoint, $2 URL, $3 description, $4 event types as a JSON array, $5 secret, $6 created at, $7 whether the URL may be an
-- endpoint's anywhere (others may where a setting of the database allows it), $8 the most endpoints that there may be, $9 caller,
-- $10 idempotency key or null, $11 SHA-256 of the request or null, $12 answer without the secret or null.
WITH allowed AS (
    SELECT
        CAST($7 AS text)::boolean OR coalesce(current_setting('waybill.webhooks_allow_private', true), '') = 'on' AS is_allowed,
        (SELECT count(*) FROM webhook_endpoints WHERE deleted_at IS NULL) < CAST($8 AS bigint) AS has_room
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, location, answer)
    SELECT
        CAST($10 AS text), CAST($9 AS text), false, CAST($11 AS text), 201, '/webhook-endpoints/' || CAST($1 AS text),
        CAST($12 AS text)
    FROM allowed
    WHERE is_allowed AND has_room AND CAST($10 AS text) IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), made AS (
    INSERT INTO webhook_endpoints (id, url, description, event_types, secret, created_at)
    SELECT
        CAST($1 AS text)::uuid,
        CAST($2 AS text),
        CAST($3 AS text),
        ARRAY(SELECT json_array_elements_text(CAST($4 AS text)::json)),
        CAST($5 AS text),
        CAST($6 AS text)::timestamptz
    FROM allowed
    WHERE is_allowed AND has_room AND (CAST($10 AS text) IS NULL OR EXISTS (SELECT 1 FROM keyed))
    RETURNING id
)
SELECT
    is_allowed,
    has_room,
    EXISTS (SELECT 1 FROM made) AS is_made
FROM allowed
