-- Leases deliveries that are due, and reads what is to be sent.
--
-- What is sent says how things were when the event happened, and is the same at each attempt: an invoice never changes, and is
-- paid and credited once.
--
-- Parameters:
--   most          int8
--   per_endpoint  int8  the most of one endpoint, with those that are leased already
--   lease_ms      int8  milliseconds
WITH due AS (
    SELECT waiting.endpoint_id, waiting.event_id
    FROM webhook_endpoints AS e
    CROSS JOIN LATERAL (
        SELECT d.endpoint_id, d.event_id
        FROM webhook_deliveries AS d
        WHERE
            d.endpoint_id = e.id
            AND d.status = 'pending'
            AND d.next_attempt_at <= now()
            AND (d.leased_until IS NULL OR d.leased_until <= now())
        ORDER BY d.next_attempt_at
        LIMIT greatest(0, :per_endpoint - (
            SELECT count(*)
            FROM webhook_deliveries AS l
            WHERE l.endpoint_id = e.id AND l.status = 'pending' AND l.leased_until > now()
        ))
        FOR UPDATE SKIP LOCKED
    ) AS waiting
    WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL
    LIMIT :most
), leased AS (
    UPDATE webhook_deliveries AS d
    SET leased_until = now() + :lease_ms * interval '1 millisecond'
    FROM due
    WHERE d.endpoint_id = due.endpoint_id AND d.event_id = due.event_id
    RETURNING d.endpoint_id, d.event_id, d.attempts
)
SELECT
    leased.endpoint_id,
    leased.event_id,
    leased.attempts,
    e.url,
    e.secret,
    ARRAY(
        SELECT f.secret
        FROM webhook_former_secrets AS f
        WHERE f.endpoint_id = e.id AND f.expires_at > now()
        ORDER BY f.replaced_at DESC
    ) AS former_secrets,
    w.event_type,
    to_char(w.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS happened_at,
    i.id AS invoice_id,
    printed_number_of(i.printed_number, i.prefix, i.series, i.number) AS number,
    seller_of_series(i.series) AS seller_id,
    i.order_id,
    i.customer_id,
    i.amount,
    i.currency,
    to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS issued_at,
    to_char(s.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS paid_at,
    printed_number_of(c.printed_number, c.prefix, c.series, c.number) AS credit_note
FROM leased
JOIN webhook_endpoints AS e ON e.id = leased.endpoint_id
JOIN webhook_events AS w ON w.id = leased.event_id
JOIN invoices AS i ON i.id = w.invoice_id
LEFT JOIN order_states AS s ON s.order_id = i.order_id
LEFT JOIN credit_notes AS c ON c.invoice_id = i.id
ORDER BY leased.event_id
