-- A customer with other data, unless another customer has the e-mail address, neither city nor state is left, no postal code is left in a
-- country that has them, or a company number would be left in a register without having been checked by its rules.
--
-- The row is locked before it is read, so that a change that comes at the same time is kept.
--
-- Parameters:
--   customer_id  text
--   change       jsonb  what changes, with the names of the API; null removes a value
--   without_zip  text   the countries without postal codes
-- Returns:
--   is_known      bool
--   is_email_free bool
--   has_place     bool
--   has_zip_code  bool
--   is_registered bool
WITH current AS (
    SELECT
        c.id,
        given.change,
        jsonb_build_object(
            'name', c.name, 'email', c.email, 'address', c.address, 'addressLine2', c.address_line2, 'city', c.city,
            'state', c.state, 'zipCode', c.zip_code, 'country', c.country, 'vatId', c.vat_id, 'companyId', c.company_id,
            'companyIdScheme', c.company_id_scheme, 'contact', c.contact, 'phone', c.phone,
            'electronicAddress', jsonb_build_object(
                'scheme', c.electronic_address_scheme, 'id', c.electronic_address_id
            ),
            'buyerReference', c.buyer_reference, 'paymentDays', c.payment_days, 'paymentTerms', c.payment_terms,
            'cashDiscounts', c.cash_discounts,
            'invoiceProfile', c.invoice_profile, 'dateOfBirth', c.date_of_birth
        ) || given.change AS merged
    FROM customers AS c
    CROSS JOIN (SELECT :change AS change) AS given
    WHERE c.id = :customer_id
    FOR UPDATE OF c
), checked AS (
    SELECT
        current.id,
        current.merged,
        NOT EXISTS (
            SELECT 1
            FROM customers AS other
            WHERE lower(other.email) = lower(current.change ->> 'email') AND other.id <> current.id
        ) AS is_email_free,
        -- A customer of the replaced system may have neither, and its other data can be changed all the same.
        current.merged ->> 'city' IS NOT NULL
            OR coalesce(current.merged ->> 'state', '') <> ''
            OR NOT current.change ?| ARRAY['city', 'state'] AS has_place,
        coalesce(current.merged ->> 'zipCode', '') <> ''
            OR strpos(:without_zip, current.merged ->> 'country') > 0
            OR NOT current.change ?| ARRAY['zipCode', 'country'] AS has_zip_code,
        current.merged ->> 'companyIdScheme' IS NULL
            OR (current.change ? 'companyId') = (current.change ? 'companyIdScheme') AS is_registered
    FROM current
), changed AS (
    UPDATE customers AS c
    SET
        name = checked.merged ->> 'name',
        email = checked.merged ->> 'email',
        address = checked.merged ->> 'address',
        address_line2 = checked.merged ->> 'addressLine2',
        city = checked.merged ->> 'city',
        state = coalesce(checked.merged ->> 'state', ''),
        zip_code = coalesce(checked.merged ->> 'zipCode', ''),
        country = checked.merged ->> 'country',
        vat_id = checked.merged ->> 'vatId',
        company_id = checked.merged ->> 'companyId',
        company_id_scheme = checked.merged ->> 'companyIdScheme',
        contact = checked.merged ->> 'contact',
        phone = checked.merged ->> 'phone',
        electronic_address_scheme = checked.merged #>> '{electronicAddress,scheme}',
        electronic_address_id = checked.merged #>> '{electronicAddress,id}',
        buyer_reference = checked.merged ->> 'buyerReference',
        payment_days = (checked.merged ->> 'paymentDays')::integer,
        payment_terms = checked.merged ->> 'paymentTerms',
        cash_discounts = nullif(checked.merged -> 'cashDiscounts', 'null'),
        invoice_profile = checked.merged ->> 'invoiceProfile',
        date_of_birth = (checked.merged ->> 'dateOfBirth')::date
    FROM checked
    WHERE c.id = checked.id AND checked.is_email_free AND checked.has_place AND checked.has_zip_code AND checked.is_registered
)
SELECT
    EXISTS (SELECT 1 FROM checked) AS is_known,
    coalesce((SELECT is_email_free FROM checked), true) AS is_email_free,
    coalesce((SELECT has_place FROM checked), true) AS has_place,
    coalesce((SELECT has_zip_code FROM checked), true) AS has_zip_code,
    coalesce((SELECT is_registered FROM checked), true) AS is_registered
