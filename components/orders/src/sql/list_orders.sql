-- A page of orders, newest first. $1 an identifier above all of the page, $2 rows.
SELECT
    id::text AS id,
    customer_id,
    amount,
    currency,
    status,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
FROM orders
WHERE id < $1
ORDER BY id DESC
LIMIT $2
