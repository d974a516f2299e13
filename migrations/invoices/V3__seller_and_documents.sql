-- Who sells: an invoice that is a document (EN 16931) names its seller.

-- One row, which an operator changes: UPDATE seller SET name = '…', …. It counts for invoices that are issued from then on. The
-- example makes every document complete from the start, and says that it is one.
CREATE TABLE seller (
    -- True, so that there is no second row.
    only_row     boolean CONSTRAINT seller_pkey PRIMARY KEY DEFAULT true CONSTRAINT seller_only_one CHECK (only_row),
    -- As it is registered.
    name         text    NOT NULL CONSTRAINT seller_name_not_blank CHECK (name ~ '\S'),
    -- With the prefix of its country (ISO 3166-1, but EL for Greece), as rule BR-CO-09 of EN 16931 has it.
    vat_id       text    NOT NULL CONSTRAINT seller_vat_id_prefixed CHECK (vat_id ~ '^[A-Z]{2}[0-9A-Z+*]{2,13}$'),
    -- Street and number.
    address      text    NOT NULL CONSTRAINT seller_address_not_blank CHECK (address ~ '\S'),
    city         text    NOT NULL CONSTRAINT seller_city_not_blank CHECK (city ~ '\S'),
    zip_code     text    NOT NULL CONSTRAINT seller_zip_code_not_blank CHECK (zip_code ~ '\S'),
    -- ISO 3166-1, two letters.
    country      text    NOT NULL CONSTRAINT seller_country_code CHECK (country ~ '^[A-Z]{2}$'),
    email        text    NOT NULL CONSTRAINT seller_email_address CHECK (email ~ '^[^@\s]+@[^@\s]+$'),
    -- Whom to ask, and the telephone. Germany's additions to Peppol's rules want both.
    contact      text,
    phone        text,
    -- How long a customer has to pay. A hundred years are as good as never.
    payment_days integer NOT NULL DEFAULT 30 CONSTRAINT seller_payment_days_sane CHECK (payment_days BETWEEN 0 AND 36500),
    -- The account to pay to, without spaces, and its bank. Null where there is none to print.
    iban         text    CONSTRAINT seller_iban_shape CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[0-9A-Z]{10,30}$'),
    bic          text    CONSTRAINT seller_bic_shape CHECK (bic ~ '^[A-Z0-9]{8}([A-Z0-9]{3})?$')
);

INSERT INTO seller (name, vat_id, address, city, zip_code, country, email, contact, phone, iban, bic)
VALUES (
    'Example seller: change me',
    'DE123456789',
    'Example Street 1',
    'Berlin',
    '10115',
    'DE',
    'invoices@seller.example',
    'Accounting',
    '+49 30 23125000',
    'DE02120300000000202051',
    'BYLADEM1001'
);

-- The seller as it is now, with the names that invoices are shown with. It is no part of a statement but the default of a column,
-- so that whatever writes an invoice, the version before this one included, writes its seller too. Without a seller it is null,
-- and no invoice is issued.
CREATE FUNCTION seller_now() RETURNS json
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
        'iban', s.iban,
        'bic', s.bic
    ))
    FROM seller AS s
);

ALTER TABLE invoices
    -- The seller as it was when the invoice was issued, as customer and lines are kept: an invoice that is out never changes. Those
    -- that are there get the seller of now.
    ADD COLUMN seller json NOT NULL DEFAULT seller_now();
