-- One order, to be changed. $1 its identifier.
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
WHERE o.id = $1
