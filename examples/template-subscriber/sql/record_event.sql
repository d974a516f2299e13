-- The event and its effect are one statement: either both are kept or none, and a second delivery finds the event and changes nothing.
-- Events come in any order, so the effect must not depend on it.
WITH first_delivery AS (
    INSERT INTO handled_events (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO shipments (order_id, is_paid, is_canceled)
SELECT $2, $3, $4 FROM first_delivery
ON CONFLICT (order_id) DO UPDATE SET
    is_paid = shipments.is_paid OR excluded.is_paid,
    is_canceled = shipments.is_canceled OR excluded.is_canceled,
    events = shipments.events + 1
