-- A page of orders. One that is still to come by more than the grace is from before the clock was set back, and not young.
--
-- Parameters:
--   after    uuid    the identifier before the page
--   most     int8
--   grace_s  float8  seconds for which an order, or a change of it, is young
SELECT
    id,
    amount || ' ' || currency AS amount,
    created_at > now() - make_interval(secs => :grace_s) AND created_at <= now() + make_interval(secs => :grace_s) AS young,
    status,
    coalesce(changed_at, created_at) > now() - make_interval(secs => :grace_s)
        AND coalesce(changed_at, created_at) <= now() + make_interval(secs => :grace_s) AS changed_lately,
    coalesce(details ->> 'sellerId', 'default') AS seller_id
FROM orders
WHERE id > :after
ORDER BY id
LIMIT :most
