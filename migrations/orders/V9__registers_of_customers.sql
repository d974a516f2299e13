-- The register that a customer's company number is of.
--
-- The version before this one names its columns, so it neither reads nor writes this one. Where it changes a company number, the register
-- of the number before stays: set registers when no process of it runs any more. So there is no rule here on both columns.
ALTER TABLE customers
    -- BT-47-1: an ISO 6523 code (ICD), such as 0106 of the Dutch chamber of commerce.
    ADD COLUMN company_id_scheme text CONSTRAINT customers_company_id_scheme_form CHECK (company_id_scheme ~ '^[0-9]{4}$');
