-- A page of orders. $1 the identifier before the page, $2 rows, $3 seconds for which an order, or a change of it, is young. One that is
-- still to come by more than that is from before the clock was set back, and not young.
SELECT
    id,
    amount || ' ' || currency AS amount,
    created_at > now() - make_interval(secs => $3) AND created_at <= now() + make_interval(secs => $3) AS young,
    status,
    coalesce(changed_at, created_at) > now() - make_interval(secs => $3)
        AND coalesce(changed_at, created_at) <= now() + make_interval(secs => $3) AS changed_lately,
    coalesce(details ->> 'sellerId', 'default') AS seller_id
FROM orders
WHERE id > $1
ORDER BY id
LIMIT $2
