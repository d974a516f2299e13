-- One order. $1 its identifier.
SELECT
    id::text AS id,
    customer_id,
    amount,
    currency,
    status,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
FROM orders
WHERE id = $1
