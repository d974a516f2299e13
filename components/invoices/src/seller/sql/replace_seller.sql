-- The seller whom invoices are issued by from now on, in place of the one before.
--
-- Parameters:
--   name          text
--   vat_id        text
--   address       text
--   city          text
--   zip_code      text
--   country       text
--   email         text
--   contact       text or null
--   phone         text or null
--   payment_days  int4
--   iban          text or null
--   bic           text or null
-- Returns:
--   is_written  bool
WITH written AS (
    INSERT INTO seller (
        name, vat_id, address, city, zip_code, country, email, contact, phone, payment_days, iban, bic
    )
    VALUES (
        :name, :vat_id, :address, :city, :zip_code, :country, :email, :contact, :phone, :payment_days, :iban, :bic
    )
    ON CONFLICT ON CONSTRAINT seller_pkey DO UPDATE SET
        name = excluded.name,
        vat_id = excluded.vat_id,
        address = excluded.address,
        city = excluded.city,
        zip_code = excluded.zip_code,
        country = excluded.country,
        email = excluded.email,
        contact = excluded.contact,
        phone = excluded.phone,
        payment_days = excluded.payment_days,
        iban = excluded.iban,
        bic = excluded.bic
    RETURNING only_row
)
SELECT EXISTS (SELECT 1 FROM written) AS is_written
