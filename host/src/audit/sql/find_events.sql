-- The orders of these that still have an event of these types in the outbox, and whether all of those are parked. It is a join, because
-- all of the outbox is read: for each row, the list would be searched through.
--
-- Parameters:
--   orders  uuid[]
--   types   text[]
SELECT
    e.order_id,
    bool_and(e.set_aside_at IS NOT NULL) AS parked
FROM unnest(:orders) AS asked (order_id)
INNER JOIN outbox AS e ON e.order_id = asked.order_id
WHERE e.event_type = ANY(:types)
GROUP BY e.order_id
