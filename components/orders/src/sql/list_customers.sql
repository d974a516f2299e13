-- A page of customers, newest first.
--
-- Identifiers are compared byte by byte, so that those that begin with their time are in its order.
--
-- Parameters:
--   below  text  an identifier above all of the page
--   limit  int8
SELECT
    id,
    name,
    email,
    address,
    address_line2,
    city,
    nullif(state, '') AS state,
    nullif(zip_code, '') AS zip_code,
    country,
    vat_id,
    company_id,
    company_id_scheme,
    contact,
    phone,
    CASE
        WHEN electronic_address_id IS NOT NULL
        THEN json_build_object('scheme', electronic_address_scheme, 'id', electronic_address_id)::text
    END AS electronic_address,
    buyer_reference,
    payment_days,
    payment_terms,
    cash_discounts::text AS cash_discounts,
    invoice_profile,
    to_char(date_of_birth, 'YYYY-MM-DD') AS date_of_birth,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
FROM customers
WHERE id COLLATE "C" < :below
ORDER BY id COLLATE "C" DESC
LIMIT :limit
