-- Enables an endpoint that its receiver has ended; one that is enabled stays as it is.
--
-- Parameters:
--   endpoint_id  uuid
UPDATE webhook_endpoints
SET disabled_at = NULL
WHERE id = :endpoint_id AND deleted_at IS NULL
RETURNING
    id::text AS id,
    url,
    description,
    to_json(event_types)::text AS event_types,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    NULL::text AS disabled_at
