-- The endpoint, and the key of the request: both or neither. Neither is written if the URL is not allowed, there is no room or the key
-- is taken, and the row says so.
--
-- Parameters:
--   endpoint_id      text         a uuid
--   url              text
--   description      text
--   event_types      json         an array
--   secret           text
--   created_at       timestamptz
--   is_public        bool         allowed everywhere; others need a setting of the database
--   max_endpoints    int8
--   caller           text or null of the request
--   idempotency_key  text or null
--   request_sha256   text or null
--   answer           text or null to keep with the key, without the secret
-- Returns:
--   is_allowed  bool
--   has_room    bool
--   is_made     bool
WITH allowed AS (
    SELECT
        :is_public OR coalesce(current_setting('waybill.webhooks_allow_private', true), '') = 'on' AS is_allowed,
        (SELECT count(*) FROM webhook_endpoints WHERE deleted_at IS NULL) < :max_endpoints AS has_room
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, location, answer)
    SELECT
        :idempotency_key, :caller, false, :request_sha256, 201, '/webhook-endpoints/' || :endpoint_id, :answer
    FROM allowed
    WHERE is_allowed AND has_room AND :idempotency_key IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), made AS (
    INSERT INTO webhook_endpoints (id, url, description, event_types, secret, created_at)
    SELECT
        :endpoint_id::uuid,
        :url,
        :description,
        ARRAY(SELECT json_array_elements_text(:event_types)),
        :secret,
        :created_at
    FROM allowed
    WHERE is_allowed AND has_room AND (:idempotency_key IS NULL OR EXISTS (SELECT 1 FROM keyed))
    RETURNING id
)
SELECT
    is_allowed,
    has_room,
    EXISTS (SELECT 1 FROM made) AS is_made
FROM allowed
