-- The order, its lines, its event, and the key of the request: all or none. None is written if the customer is unknown or the key
-- is taken, and the row says so.
--
-- The key is inserted before the order, and waits for another request with it; what that request wrote is not in this
-- statement's snapshot, so the next statement reads the kept answer.
--
-- The event has the customer as it is now: a later change must not reach the bill of this order. The customer of orders that name none is
-- made up (migration V1). What nobody has replaced of it is not in the event: no invoice goes to an address that does not exist.
--
-- Parameters:
--   order_id         uuid
--   customer_id      text
--   amount           int8         in minor units of the currency
--   currency         text
--   created_at       timestamptz
--   event_id         uuid
--   event_type       text
--   event            jsonb        whose customer has an identifier only
--   traceparent      text or null
--   tracestate       text or null
--   lines            json         an array
--   are_lines_plain  bool         whether the columns of a line say all of it
--   details          json or null what the order says of its invoice besides
--   vat_id_prefixes  text or null those of which the customer's VAT identifier has to have one
--   needs_company    bool         whether that or the customer's company number has to be known
--   needs_country    bool         whether the customer's country has to be known
--   caller           text or null of the request
--   idempotency_key  text or null
--   request_sha256   text or null
--   answer           text or null to keep with the key
-- Returns:
--   is_customer_known     bool
--   is_customer_billable  bool  whether the identifiers are known that have to be
--   is_destination_known  bool  whether the country is known if it has to be
--   is_placed             bool
WITH known AS (
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'id', c.id, 'name', c.name, 'email', c.email, 'address', c.address, 'addressLine2', c.address_line2,
        'city', c.city, 'state', nullif(c.state, ''), 'zipCode', nullif(c.zip_code, ''), 'country', CASE WHEN is_country(c.country) THEN c.country END,
        'vatId', c.vat_id,
        'companyId', c.company_id,
        'companyIdScheme', CASE WHEN c.company_id IS NOT NULL THEN c.company_id_scheme END, 'contact', c.contact, 'phone', c.phone,
        'electronicAddress', CASE
            WHEN c.electronic_address_id IS NOT NULL
            THEN jsonb_build_object('scheme', c.electronic_address_scheme, 'id', c.electronic_address_id)
        END,
        'buyerReference', c.buyer_reference, 'paymentDays', c.payment_days, 'paymentTerms', c.payment_terms,
        'cashDiscounts', c.cash_discounts, 'invoiceProfile', c.invoice_profile
    )) - CASE
        WHEN c.id = '1651654165' AND c.address = '1 Example Street' THEN ARRAY[
            'address', 'state', 'zipCode', 'country',
            CASE WHEN c.name = 'Default customer' THEN 'name' END,
            CASE WHEN c.email = 'customer@example.com' THEN 'email' END
        ]
        ELSE ARRAY[]::text[]
    END AS snapshot
    FROM customers AS c
    WHERE c.id = :customer_id
), customer AS (
    SELECT snapshot
    FROM known
    WHERE
        (:vat_id_prefixes IS NULL OR strpos(:vat_id_prefixes, left(snapshot ->> 'vatId', 2)) > 0)
        AND (NOT :needs_company OR snapshot ? 'vatId' OR snapshot ? 'companyId')
        AND (NOT :needs_country OR snapshot ? 'country')
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, location, answer)
    SELECT :idempotency_key, :caller, false, :request_sha256, 201, '/orders/' || :order_id, :answer
    FROM customer
    WHERE :idempotency_key IS NOT NULL AND NOT EXISTS (
        SELECT 1
        FROM idempotency_keys AS k
        WHERE k.key = :idempotency_key AND k.of_every_caller
    )
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), placed AS (
    INSERT INTO orders (id, customer_id, amount, currency, created_at, details)
    SELECT :order_id, :customer_id, :amount, :currency, :created_at, :details
    FROM customer
    WHERE :idempotency_key IS NULL OR EXISTS (SELECT 1 FROM keyed)
    RETURNING id
), lines AS (
    INSERT INTO order_lines (order_id, position, sku, description, quantity, unit_price, tax_rate, line)
    SELECT
        placed.id,
        line.position,
        line.value ->> 'sku',
        line.value ->> 'description',
        CASE WHEN :are_lines_plain THEN (line.value ->> 'quantity')::bigint END,
        CASE WHEN :are_lines_plain THEN (line.value ->> 'unitPrice')::bigint END,
        (line.value ->> 'taxRateBasisPoints')::integer,
        CASE WHEN NOT :are_lines_plain THEN line.value END
    FROM placed, json_array_elements(:lines) WITH ORDINALITY AS line (value, position)
), event AS (
    INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
    SELECT
        :event_id,
        :event_type,
        placed.id,
        jsonb_set(:event, '{customer}', customer.snapshot)::json,
        :traceparent,
        :tracestate
    FROM placed, customer
)
SELECT
    EXISTS (SELECT 1 FROM known) AS is_customer_known,
    EXISTS (SELECT 1 FROM customer) AS is_customer_billable,
    NOT :needs_country OR EXISTS (SELECT 1 FROM known WHERE snapshot ? 'country') AS is_destination_known,
    EXISTS (SELECT 1 FROM placed) AS is_placed
