-- The customer, and the key of the request: both or neither. Neither is written if another customer has the e-mail address or
-- the key is taken, and the row says so.
--
-- The customer is inserted before its key, and waits for another one with its address: a request that is sent twice at once is
-- found by its address already. Only one key for two addresses at once violates idempotency_keys_pkey, which undoes both.
--
-- Parameters:
--   customer         jsonb    with the names of the API
--   caller           text or null of the request
--   idempotency_key  text or null
--   request_sha256   text or null
--   answer           text or null to keep with the key
-- Returns:
--   is_made  bool
WITH new AS (
    SELECT :customer AS customer
), made AS (
    INSERT INTO customers (
        id, name, email, address, address_line2, city, state, zip_code, country, vat_id, company_id, company_id_scheme,
        contact, phone, electronic_address_scheme, electronic_address_id, buyer_reference, payment_days, payment_terms,
        cash_discounts, invoice_profile, date_of_birth, created_at
    )
    SELECT
        new.customer ->> 'id',
        new.customer ->> 'name',
        new.customer ->> 'email',
        new.customer ->> 'address',
        new.customer ->> 'addressLine2',
        new.customer ->> 'city',
        coalesce(new.customer ->> 'state', ''),
        coalesce(new.customer ->> 'zipCode', ''),
        new.customer ->> 'country',
        new.customer ->> 'vatId',
        new.customer ->> 'companyId',
        new.customer ->> 'companyIdScheme',
        new.customer ->> 'contact',
        new.customer ->> 'phone',
        new.customer #>> '{electronicAddress,scheme}',
        new.customer #>> '{electronicAddress,id}',
        new.customer ->> 'buyerReference',
        (new.customer ->> 'paymentDays')::integer,
        new.customer ->> 'paymentTerms',
        new.customer -> 'cashDiscounts',
        new.customer ->> 'invoiceProfile',
        (new.customer ->> 'dateOfBirth')::date,
        (new.customer ->> 'createdAt')::timestamptz
    FROM new
    WHERE NOT EXISTS (
        SELECT 1
        FROM idempotency_keys AS k
        WHERE k.key = :idempotency_key AND (k.caller = :caller OR k.of_every_caller)
    )
    ON CONFLICT DO NOTHING
    RETURNING id
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, location, answer)
    SELECT :idempotency_key, :caller, false, :request_sha256, 201, '/customers/' || made.id, :answer
    FROM made
    WHERE :idempotency_key IS NOT NULL
)
SELECT EXISTS (SELECT 1 FROM made) AS is_made
