-- What is agreed with a customer on how its invoices are paid, for orders that say nothing of it.
--
-- The version before this one names its columns, so it neither reads nor writes these, and its orders have no terms of their customer.
ALTER TABLE customers
    -- BT-20 in words.
    ADD COLUMN payment_terms  text CONSTRAINT customers_payment_terms_not_blank CHECK (payment_terms ~ '\S'),
    -- `[{"days": 14, "rateBasisPoints": 200}, …]`, as orders have them.
    ADD COLUMN cash_discounts jsonb CONSTRAINT customers_cash_discounts_some CHECK (
        jsonb_typeof(cash_discounts) = 'array' AND jsonb_array_length(cash_discounts) BETWEEN 1 AND 5
    );
