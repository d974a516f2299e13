-- One endpoint.
--
-- Parameters:
--   endpoint_id  uuid
SELECT
    id::text AS id,
    url,
    description,
    to_json(event_types)::text AS event_types,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    to_char(disabled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS disabled_at
FROM webhook_endpoints
WHERE deleted_at IS NULL AND id = :endpoint_id
