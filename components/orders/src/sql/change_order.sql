-- The next state of an order, its event, and the key of the request: all or none. None is written if the order has changed since
-- it was read or the key is taken, and the row says so.
--
-- The order's row is locked before the key is inserted: another change that comes first makes this one write neither.
--
-- Parameters:
--   order_id         uuid
--   read_version     int4         the version of the order that was read
--   new_status       text
--   event_id         uuid
--   event_type       text
--   event            json
--   traceparent      text or null
--   tracestate       text or null
--   caller           text or null of the request
--   idempotency_key  text or null
--   request_sha256   text or null
--   answer           text or null to keep with the key
-- Returns:
--   is_current  bool
--   is_changed  bool
WITH current AS (
    SELECT o.id
    FROM orders AS o
    WHERE o.id = :order_id AND o.version = :read_version
    FOR NO KEY UPDATE
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, answer)
    SELECT :idempotency_key, :caller, false, :request_sha256, 200, :answer
    FROM current
    WHERE :idempotency_key IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), changed AS (
    UPDATE orders AS o
    SET status = :new_status, version = o.version + 1, changed_at = now()
    FROM current
    WHERE o.id = current.id AND (:idempotency_key IS NULL OR EXISTS (SELECT 1 FROM keyed))
    RETURNING o.id
), event AS (
    INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
    SELECT :event_id, :event_type, changed.id, :event, :traceparent, :tracestate
    FROM changed
)
SELECT
    EXISTS (SELECT 1 FROM current) AS is_current,
    EXISTS (SELECT 1 FROM changed) AS is_changed
