-- A seller whom invoices are issued by from now on, in place of the one before.
--
-- Parameters:
--   seller_id  text
--   seller     jsonb  with the names of the API
-- Returns:
--   is_written  bool
WITH new AS (
    SELECT :seller AS seller
), written AS (
    INSERT INTO seller (
        id, name, vat_id, tax_number, company_id, company_id_scheme, address, address_line2, city, zip_code,
        subdivision, country, email, contact, phone, electronic_address_scheme, electronic_address_id,
        legal_notes, exemption_reason, amount_tax_rate_basis_points, payment_days, iban, bic, account_number,
        routing_number, bank_name
    )
    SELECT
        :seller_id,
        new.seller ->> 'name',
        new.seller ->> 'vatId',
        new.seller ->> 'taxNumber',
        new.seller ->> 'companyId',
        new.seller ->> 'companyIdScheme',
        new.seller ->> 'address',
        new.seller ->> 'addressLine2',
        new.seller ->> 'city',
        coalesce(new.seller ->> 'zipCode', ''),
        new.seller ->> 'subdivision',
        new.seller ->> 'country',
        new.seller ->> 'email',
        new.seller ->> 'contact',
        new.seller ->> 'phone',
        new.seller #>> '{electronicAddress,scheme}',
        new.seller #>> '{electronicAddress,id}',
        new.seller ->> 'legalNotes',
        new.seller ->> 'exemptionReason',
        (new.seller ->> 'amountTaxRateBasisPoints')::integer,
        (new.seller ->> 'paymentDays')::integer,
        new.seller ->> 'iban',
        new.seller ->> 'bic',
        new.seller ->> 'accountNumber',
        new.seller ->> 'routingNumber',
        new.seller ->> 'bankName'
    FROM new
    ON CONFLICT ON CONSTRAINT seller_pkey DO UPDATE SET
        name = excluded.name,
        vat_id = excluded.vat_id,
        tax_number = excluded.tax_number,
        company_id = excluded.company_id,
        company_id_scheme = excluded.company_id_scheme,
        address = excluded.address,
        address_line2 = excluded.address_line2,
        city = excluded.city,
        zip_code = excluded.zip_code,
        subdivision = excluded.subdivision,
        country = excluded.country,
        email = excluded.email,
        contact = excluded.contact,
        phone = excluded.phone,
        electronic_address_scheme = excluded.electronic_address_scheme,
        electronic_address_id = excluded.electronic_address_id,
        legal_notes = excluded.legal_notes,
        exemption_reason = excluded.exemption_reason,
        amount_tax_rate_basis_points = excluded.amount_tax_rate_basis_points,
        payment_days = excluded.payment_days,
        iban = excluded.iban,
        bic = excluded.bic,
        account_number = excluded.account_number,
        routing_number = excluded.routing_number,
        bank_name = excluded.bank_name
    RETURNING id
)
SELECT EXISTS (SELECT 1 FROM written) AS is_written
