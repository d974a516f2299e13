-- The invoices of these orders. $1 orders.
SELECT
    i.order_id,
    i.id,
    i.amount || ' ' || i.currency AS amount,
    CASE WHEN c.id IS NOT NULL THEN 'canceled' WHEN s.paid_at IS NOT NULL THEN 'paid' ELSE 'pending' END AS state,
    coalesce(i.seller ->> 'id', 'default') AS seller_id
FROM invoices AS i
LEFT JOIN order_states AS s ON s.order_id = i.order_id
LEFT JOIN credit_notes AS c ON c.invoice_id = i.id
WHERE i.order_id = ANY($1)
