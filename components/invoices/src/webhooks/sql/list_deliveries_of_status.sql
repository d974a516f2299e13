-- A page of the deliveries of one state to an endpoint, newest event first. $1 an event above all of the page, $2 rows,
-- $3 the endpoint, $4 the state.
SELECT
    d.event_id::text AS event_id,
    w.event_type,
    w.invoice_id::text AS invoice_id,
    d.status,
    d.attempts,
    to_char(w.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    CASE WHEN d.status <> 'pending' THEN ''
        ELSE to_char(d.next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    END AS next_attempt_at,
    coalesce(to_char(d.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '') AS ended_at
FROM webhook_deliveries AS d
JOIN webhook_events AS w ON w.id = d.event_id
WHERE d.endpoint_id = $3 AND d.status = $4 AND d.event_id < $1
ORDER BY d.event_id DESC
LIMIT $2
