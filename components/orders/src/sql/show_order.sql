-- One order as JSON: one value crosses the capability instead of eight with their names, and the answer is ready.
--
-- Parameters:
--   order_id  uuid
-- Returns:
--   shown  text  JSON
SELECT CASE
    WHEN o.details IS NULL THEN row_to_json(shown)::text
    -- The members of both objects.
    ELSE left(row_to_json(shown)::text, -1) || ',' || substr(o.details::text, 2)
END AS shown
FROM orders AS o
CROSS JOIN LATERAL (
    SELECT
        o.id,
        o.customer_id AS "customerId",
        o.amount,
        o.currency,
        o.status,
        o.version,
        to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
        coalesce((
            SELECT json_agg(coalesce(l.line, json_build_object(
                'sku', l.sku, 'description', l.description, 'quantity', l.quantity, 'unitPrice', l.unit_price,
                'taxRateBasisPoints', l.tax_rate
            )) ORDER BY l.position)
            FROM order_lines AS l
            WHERE l.order_id = o.id
        ), '[]') AS lines
) AS shown
WHERE o.id = :order_id
