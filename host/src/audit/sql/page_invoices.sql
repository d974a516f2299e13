-- A page of invoices in the order of their orders. $1 order and $2 invoice before the page, $3 rows.
SELECT
    order_id,
    id,
    amount || ' ' || currency AS amount
FROM invoices
WHERE order_id >= $1 AND (order_id, id) > ($1, $2)
ORDER BY order_id, id
LIMIT $3
