-- A page of invoices in the order of their orders.
--
-- Parameters:
--   order_id    uuid  before the page
--   invoice_id  uuid  before the page
--   most        int8
SELECT
    i.order_id,
    i.id,
    i.amount || ' ' || i.currency AS amount,
    CASE WHEN c.id IS NOT NULL THEN 'canceled' WHEN s.paid_at IS NOT NULL THEN 'paid' ELSE 'pending' END AS state,
    coalesce(i.seller ->> 'id', 'default') AS seller_id
FROM invoices AS i
LEFT JOIN order_states AS s ON s.order_id = i.order_id
LEFT JOIN credit_notes AS c ON c.invoice_id = i.id
WHERE i.order_id >= :order_id AND (i.order_id, i.id) > (:order_id, :invoice_id)
ORDER BY i.order_id, i.id
LIMIT :most
