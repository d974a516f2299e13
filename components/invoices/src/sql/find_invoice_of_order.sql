-- Whether an order has its invoice.
--
-- Parameters:
--   order_id  uuid
-- Returns:
--   is_invoiced  bool
SELECT EXISTS (SELECT 1 FROM invoices WHERE order_id = :order_id) AS is_invoiced
