-- A page of orders, newest first, of a customer, of a status, of both or of all.
--
-- Each combination of filters is a branch with its own index, and at most one runs. One branch with "… IS NULL OR …" would become a
-- scan of all orders as soon as PostgreSQL chooses a plan that serves all values of the parameters.
--
-- Parameters:
--   below        uuid  an identifier above all of the page
--   from         uuid  the smallest identifier that may be on the page
--   customer_id  text or null
--   status       text or null
--   limit        int8
SELECT
    o.id::text AS id,
    o.customer_id,
    o.amount,
    o.currency,
    o.status,
    o.version,
    to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    coalesce((
        SELECT json_agg(coalesce(l.line, json_build_object(
            'sku', l.sku, 'description', l.description, 'quantity', l.quantity, 'unitPrice', l.unit_price,
            'taxRateBasisPoints', l.tax_rate
        )) ORDER BY l.position)
        FROM order_lines AS l
        WHERE l.order_id = o.id
    ), '[]')::text AS lines,
    coalesce(o.details, '{}')::text AS details
FROM (
    (
        SELECT * FROM orders
        WHERE :customer_id IS NULL AND :status IS NULL
            AND id < :below AND id >= :from
        ORDER BY id DESC LIMIT :limit
    ) UNION ALL (
        SELECT * FROM orders
        WHERE :customer_id IS NOT NULL AND :status IS NULL AND customer_id = :customer_id
            AND id < :below AND id >= :from
        ORDER BY id DESC LIMIT :limit
    ) UNION ALL (
        SELECT * FROM orders
        WHERE :customer_id IS NULL AND :status IS NOT NULL AND status = :status
            AND id < :below AND id >= :from
        ORDER BY id DESC LIMIT :limit
    ) UNION ALL (
        SELECT * FROM orders
        WHERE :customer_id IS NOT NULL AND :status IS NOT NULL AND customer_id = :customer_id AND status = :status
            AND id < :below AND id >= :from
        ORDER BY id DESC LIMIT :limit
    )
) AS o
ORDER BY o.id DESC
