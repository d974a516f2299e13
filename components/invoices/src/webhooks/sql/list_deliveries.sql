-- A page of the deliveries to an endpoint, newest event first, of one status or of all. The filter makes two branches, of which one
-- runs; see list_orders.sql of the orders.
--
-- Parameters:
--   endpoint_id  uuid
--   below        uuid  an event above all of the page
--   status       text or null
--   limit        int8
SELECT
    d.event_id::text AS event_id,
    w.event_type,
    w.invoice_id::text AS invoice_id,
    d.status,
    d.attempts,
    to_char(w.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    CASE WHEN d.status = 'pending' THEN
        to_char(d.next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    END AS next_attempt_at,
    to_char(d.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ended_at
FROM (
    (
        SELECT * FROM webhook_deliveries
        WHERE :status IS NULL AND endpoint_id = :endpoint_id AND event_id < :below
        ORDER BY event_id DESC LIMIT :limit
    ) UNION ALL (
        SELECT * FROM webhook_deliveries
        WHERE :status IS NOT NULL AND status = :status AND endpoint_id = :endpoint_id AND event_id < :below
        ORDER BY event_id DESC LIMIT :limit
    )
) AS d
JOIN webhook_events AS w ON w.id = d.event_id
ORDER BY d.event_id DESC
