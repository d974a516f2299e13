-- Accounts of sellers in countries without IBANs.
--
-- The version before this one names its columns, so it neither reads nor writes these. Where it sets an IBAN, an account number of before
-- stays beside it, and documents have the IBAN: so there is no rule here on both. Adding the columns rewrites nothing.
ALTER TABLE seller
    -- BT-84 where there is no IBAN.
    ADD COLUMN account_number text CONSTRAINT seller_account_number_form CHECK (account_number ~ '^[-0-9A-Za-z ./]{1,34}$'),
    -- BT-86: the bank's number in its country, such as an ABA routing number or a BSB.
    ADD COLUMN routing_number text CONSTRAINT seller_routing_number_form CHECK (routing_number ~ '^[-0-9A-Za-z ./]{1,34}$'),
    -- As it is printed.
    ADD COLUMN bank_name      text CONSTRAINT seller_bank_name_not_blank CHECK (bank_name ~ '\S');

-- As before, with these. What is kept of each seller stays as it is: the columns are empty.
CREATE OR REPLACE FUNCTION seller_now(id text) RETURNS json
LANGUAGE sql STABLE
RETURN (
    SELECT json_strip_nulls(json_build_object(
        'id', nullif(s.id, 'default'),
        'name', s.name,
        'vatId', s.vat_id,
        'taxNumber', s.tax_number,
        'companyId', s.company_id,
        'companyIdScheme', s.company_id_scheme,
        'address', s.address,
        'addressLine2', s.address_line2,
        'city', s.city,
        'zipCode', s.zip_code,
        'subdivision', s.subdivision,
        'country', s.country,
        'email', s.email,
        'contact', s.contact,
        'phone', s.phone,
        'electronicAddress', CASE
            WHEN s.electronic_address_id IS NOT NULL
            THEN json_build_object('scheme', s.electronic_address_scheme, 'id', s.electronic_address_id)
        END,
        'legalNotes', s.legal_notes,
        'exemptionReason', s.exemption_reason,
        'amountTaxRateBasisPoints', s.amount_tax_rate_basis_points,
        'paymentDays', s.payment_days,
        'iban', CASE WHEN NOT e.is_specimen THEN s.iban END,
        'bic', CASE WHEN NOT e.is_specimen THEN s.bic END,
        'accountNumber', CASE WHEN NOT e.is_specimen THEN s.account_number END,
        'routingNumber', CASE WHEN NOT e.is_specimen THEN s.routing_number END,
        'bankName', CASE WHEN NOT e.is_specimen THEN s.bank_name END,
        'isSpecimen', nullif(e.is_specimen, false)
    ))
    FROM seller AS s
    CROSS JOIN LATERAL (SELECT s.name = 'Example seller: change me') AS e (is_specimen)
    WHERE s.id = seller_now.id
);
