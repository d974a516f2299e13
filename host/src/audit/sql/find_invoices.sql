-- Which of these orders have an invoice. $1 orders.
SELECT order_id
FROM invoices
WHERE order_id = ANY($1)
