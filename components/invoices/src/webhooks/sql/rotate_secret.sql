-- Replaces the secret of an endpoint, and writes the key of the request: both or neither. The secret until now counts for another day.
-- Neither happens if there is no such endpoint, too many of its secrets still count or the key is taken, and the row says so.
--
-- Parameters:
--   endpoint_id      uuid
--   secret           text
--   max_former       int8  secrets that were replaced and still count
--   caller           text or null of the request
--   idempotency_key  text or null
--   request_sha256   text or null
--   answer           text or null to keep with the key, without the secret
-- Returns:
--   is_known    bool
--   has_room    bool
--   is_rotated  bool
WITH known AS MATERIALIZED (
    SELECT e.id, e.secret
    FROM webhook_endpoints AS e
    WHERE e.id = :endpoint_id AND e.deleted_at IS NULL
    FOR UPDATE
), allowed AS MATERIALIZED (
    SELECT
        known.id,
        known.secret,
        (
            SELECT count(*) FROM webhook_former_secrets AS f WHERE f.endpoint_id = known.id AND f.expires_at > now()
        ) < :max_former AS has_room
    FROM known
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, answer)
    SELECT :idempotency_key, :caller, false, :request_sha256, 200, :answer
    FROM allowed
    WHERE allowed.has_room AND :idempotency_key IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), rotated AS (
    UPDATE webhook_endpoints AS e
    SET secret = :secret
    FROM allowed
    WHERE e.id = allowed.id AND allowed.has_room AND (:idempotency_key IS NULL OR EXISTS (SELECT 1 FROM keyed))
    RETURNING e.id
), kept AS (
    INSERT INTO webhook_former_secrets (endpoint_id, secret, expires_at)
    SELECT allowed.id, allowed.secret, now() + interval '1 day'
    FROM allowed
    JOIN rotated ON rotated.id = allowed.id
)
SELECT
    EXISTS (SELECT 1 FROM allowed) AS is_known,
    EXISTS (SELECT 1 FROM allowed WHERE has_room) AS has_room,
    EXISTS (SELECT 1 FROM rotated) AS is_rotated
