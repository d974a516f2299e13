-- Those of these orders that exist. $1 orders.
SELECT
    id,
    amount || ' ' || currency AS amount,
    status
FROM orders
WHERE id = ANY($1)
