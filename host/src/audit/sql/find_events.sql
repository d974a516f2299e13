-- The events of these orders that are still in the outbox, and whether they are set aside. $1 orders.
SELECT
    order_id,
    set_aside_at IS NOT NULL AS set_aside
FROM outbox
WHERE order_id = ANY($1) AND event_type = 'order.created'
