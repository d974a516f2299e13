-- One invoice.
--
-- Parameters:
--   invoice_id  uuid
SELECT
    i.id::text AS id,
    i.prefix || i.series || '-' || lpad(i.number::text, greatest(6, length(i.number::text)), '0') AS number,
    i.order_id::text AS order_id,
    i.customer_id,
    i.amount,
    i.currency,
    to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    CASE WHEN c.id IS NOT NULL THEN 'credited' WHEN s.paid_at IS NOT NULL THEN 'paid' ELSE 'issued' END AS status,
    to_char(s.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS paid_at,
    CASE WHEN c.id IS NOT NULL THEN json_build_object(
        'id', c.id,
        'number', c.prefix || c.series || '-' || lpad(c.number::text, greatest(6, length(c.number::text)), '0'),
        'createdAt', to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )::text END AS credit_note,
    i.customer::text AS customer,
    i.lines::text AS lines,
    i.document::text AS document,
    i.seller::text AS seller,
    to_char((i.created_at AT TIME ZONE 'UTC')::date + (i.seller ->> 'paymentDays')::integer, 'YYYY-MM-DD') AS due_date
FROM invoices AS i
LEFT JOIN order_states AS s ON s.order_id = i.order_id
LEFT JOIN credit_notes AS c ON c.invoice_id = i.id
WHERE i.id = :invoice_id
