-- A page of the events that are parked. $1 the identifier before the page, $2 rows.
SELECT
    id,
    order_id,
    coalesce(last_error, 'no reason is known') AS last_error
FROM outbox
WHERE set_aside_at IS NOT NULL AND id > $1
ORDER BY id
LIMIT $2
