-- Which of these orders exist. $1 orders.
SELECT id
FROM orders
WHERE id = ANY($1)
