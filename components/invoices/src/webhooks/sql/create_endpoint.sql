-- The endpoint, and the key of the request: both or neither.
--
-- $1 endpoint, $2 URL, $3 description, $4 event types as a JSON array, $5 secret, $6 created at, $7 whether the URL may be an
-- endpoint's anywhere (others may where a setting of the database allows it), $8 the most endpoints that there may be,
-- $9 idempotency key or null, $10 SHA-256 of the request or null, $11 answer or null.
WITH allowed AS (
    SELECT
        CAST($7 AS text)::boolean OR coalesce(current_setting('waybill.webhooks_allow_private', true), '') = 'on' AS is_allowed,
        (SELECT count(*) FROM webhook_endpoints WHERE deleted_at IS NULL) < CAST($8 AS bigint) AS has_room
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
    WHERE is_allowed AND has_room
    RETURNING id
), keyed AS (
    INSERT INTO idempotency_keys (key, request_sha256, status, location, answer)
    SELECT CAST($9 AS text), CAST($10 AS text), 201, '/webhook-endpoints/' || made.id, CAST($11 AS text)
    FROM made
    WHERE CAST($9 AS text) IS NOT NULL
)
SELECT
    is_allowed,
    has_room
FROM allowed
