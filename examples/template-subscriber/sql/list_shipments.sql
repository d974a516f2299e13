SELECT order_id, is_paid, is_canceled, events FROM shipments ORDER BY order_id DESC LIMIT 100
