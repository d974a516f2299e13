-- A page of endpoints, newest first. $1 an identifier above all of the page, $2 rows.
SELECT
    id::text AS id,
    url,
    description,
    to_json(event_types)::text AS event_types,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
FROM webhook_endpoints
WHERE deleted_at IS NULL AND id < $1
ORDER BY id DESC
LIMIT $2
