-- Schedules an event for delivery again, from the first attempt on, and writes the key of the request: both or neither. Neither
-- happens if there is no such delivery, its endpoint is disabled or the key is taken, and the row says so.
--
-- Parameters:
--   endpoint_id      uuid
--   event_id         uuid
--   caller           text or null of the request
--   idempotency_key  text or null
--   request_sha256   text or null
--   answer           text or null to keep with the key
-- Returns:
--   is_known        bool
--   is_enabled      bool
--   is_rescheduled  bool
WITH delivery AS (
    SELECT d.endpoint_id, d.event_id, e.disabled_at IS NULL AS is_enabled
    FROM webhook_deliveries AS d
    JOIN webhook_endpoints AS e ON e.id = d.endpoint_id
    WHERE d.endpoint_id = :endpoint_id AND d.event_id = :event_id AND e.deleted_at IS NULL
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, answer)
    SELECT :idempotency_key, :caller, false, :request_sha256, 202, :answer
    FROM delivery
    WHERE delivery.is_enabled AND :idempotency_key IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), rescheduled AS (
    UPDATE webhook_deliveries AS d
    SET status = 'pending', attempts = 0, next_attempt_at = now(), postponed_at = NULL, ended_at = NULL
    FROM delivery
    WHERE d.endpoint_id = delivery.endpoint_id AND d.event_id = delivery.event_id
        AND delivery.is_enabled
        AND (:idempotency_key IS NULL OR EXISTS (SELECT 1 FROM keyed))
    RETURNING d.event_id
)
SELECT
    EXISTS (SELECT 1 FROM delivery) AS is_known,
    EXISTS (SELECT 1 FROM delivery WHERE is_enabled) AS is_enabled,
    EXISTS (SELECT 1 FROM rescheduled) AS is_rescheduled
