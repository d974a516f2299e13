-- The profile by which a customer wants electronic invoices.
--
-- The version before this one names its columns, so it neither reads nor writes this one, and its orders have no profile.
ALTER TABLE customers
    -- Null for the strictest profile that an invoice satisfies.
    ADD COLUMN invoice_profile text CONSTRAINT customers_invoice_profile_known CHECK (
        invoice_profile IN ('en16931', 'xrechnung', 'peppol')
    );
