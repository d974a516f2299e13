-- A page of orders of one customer, newest first. $1 an identifier above all of the page, $2 rows, $3 an identifier
-- that is not above any, $4 the customer.
SELECT
    o.id::text AS id,
    o.customer_id,
    o.amount,
    o.currency,
    o.status,
    o.version,
    to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    coalesce((
        SELECT json_agg(json_build_object(
            'sku', l.sku, 'description', l.description, 'quantity', l.quantity, 'unitPrice', l.unit_price,
            'taxRateBasisPoints', l.tax_rate
        ) ORDER BY l.position)
        FROM order_lines AS l
        WHERE l.order_id = o.id
    ), '[]')::text AS lines
FROM orders AS o
WHERE o.customer_id = $4 AND o.id < $1 AND o.id >= $3
ORDER BY o.id DESC
LIMIT $2
