-- A page of endpoints, newest first.
--
-- Parameters:
--   below  uuid  an identifier above all of the page
--   limit  int8
SELECT
    id::text AS id,
    url,
    description,
    to_json(event_types)::text AS event_types,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    to_char(disabled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS disabled_at
FROM webhook_endpoints
WHERE deleted_at IS NULL AND id < :below
ORDER BY id DESC
LIMIT :limit
