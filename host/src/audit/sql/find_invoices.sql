-- The invoices of these orders. $1 orders.
SELECT
    order_id,
    id,
    amount || ' ' || currency AS amount
FROM invoices
WHERE order_id = ANY($1)
