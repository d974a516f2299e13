-- The orders of these that still have an event of these types in the outbox, and whether all of those are parked. $1 orders, $2
-- types. It is a join, because all of the outbox is read: for each row, the list would be searched through.
SELECT
    e.order_id,
    bool_and(e.set_aside_at IS NOT NULL) AS parked
FROM unnest(CAST($1 AS uuid[])) AS asked (order_id)
INNER JOIN outbox AS e ON e.order_id = asked.order_id
WHERE e.event_type = ANY(CAST($2 AS text[]))
GROUP BY e.order_id
