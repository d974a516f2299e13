-- One delivery, with its last hundred attempts, newest first.
--
-- Parameters:
--   endpoint_id  uuid
--   event_id     uuid
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
    to_char(d.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ended_at,
    coalesce((
        SELECT json_agg(json_build_object(
            'attemptedAt', to_char(a.attempted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'durationMs', a.duration_ms,
            'statusCode', a.status_code,
            'error', a.error
        ) ORDER BY a.attempted_at DESC)
        FROM (
            SELECT attempted_at, duration_ms, status_code, error
            FROM webhook_attempts
            WHERE endpoint_id = :endpoint_id AND event_id = :event_id
            ORDER BY attempted_at DESC
            LIMIT 100
        ) AS a
    ), '[]')::text AS attempt_log
FROM webhook_deliveries AS d
JOIN webhook_events AS w ON w.id = d.event_id
JOIN webhook_endpoints AS e ON e.id = d.endpoint_id
WHERE d.endpoint_id = :endpoint_id AND d.event_id = :event_id AND e.deleted_at IS NULL
