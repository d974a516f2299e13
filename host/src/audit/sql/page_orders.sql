-- A page of orders. $1 the identifier before the page, $2 rows, $3 seconds for which an order is young.
SELECT
    id,
    amount || ' ' || currency AS amount,
    created_at > now() - make_interval(secs => $3) AS young
FROM orders
WHERE id > $1
ORDER BY id
LIMIT $2
