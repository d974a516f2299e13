-- Those of these orders that exist. $1 orders.
SELECT
    id,
    amount || ' ' || currency AS amount,
    status,
    coalesce(details ->> 'sellerId', 'default') AS seller_id
FROM orders
WHERE id = ANY($1)
