-- The bill of an invoice, computed when it is issued: its lines with their net amounts, its taxes and totals, and what the order said of
-- the invoice besides. Every representation reads it. Null for invoices from before, and for those that the version before this one
-- writes: their bill follows from amount and lines.
ALTER TABLE invoices ADD COLUMN document json;
