-- The seller is set by the API, and an invoice in the name of the example says that it is a specimen.

-- API keys that may see or set the seller. The constraint is checked against the keys that are there, which are few.
ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_scopes_known,
    ADD CONSTRAINT api_keys_scopes_known CHECK (
        scopes <@ ARRAY[
            'invoices:read', 'webhooks:read', 'webhooks:write', 'seller:read', 'seller:write'
        ]
    );

-- As before, and `isSpecimen` where the seller still is the example of the start: nobody may be asked to pay to its account. The
-- name decides, since an operator may also set the row by SQL.
CREATE OR REPLACE FUNCTION seller_now() RETURNS json
LANGUAGE sql STABLE
RETURN (
    SELECT json_strip_nulls(json_build_object(
        'name', s.name,
        'vatId', s.vat_id,
        'address', s.address,
        'city', s.city,
        'zipCode', s.zip_code,
        'country', s.country,
        'email', s.email,
        'contact', s.contact,
        'phone', s.phone,
        'paymentDays', s.payment_days,
        'iban', CASE WHEN NOT e.is_specimen THEN s.iban END,
        'bic', CASE WHEN NOT e.is_specimen THEN s.bic END,
        'isSpecimen', nullif(e.is_specimen, false)
    ))
    FROM seller AS s
    CROSS JOIN LATERAL (SELECT s.name = 'Example seller: change me') AS e (is_specimen)
);
