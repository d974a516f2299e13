-- A page of invoices in the order of their orders. $1 order and $2 invoice before the page, $3 rows.
SELECT
    i.order_id,
    i.id,
    i.amount || ' ' || i.currency AS amount,
    CASE WHEN c.id IS NOT NULL THEN 'canceled' WHEN s.paid_at IS NOT NULL THEN 'paid' ELSE 'pending' END AS state,
    coalesce(i.seller ->> 'id', 'default') AS seller_id
FROM invoices AS i
LEFT JOIN order_states AS s ON s.order_id = i.order_id
LEFT JOIN credit_notes AS c ON c.invoice_id = i.id
WHERE i.order_id >= $1 AND (i.order_id, i.id) > ($1, $2)
ORDER BY i.order_id, i.id
LIMIT $3
