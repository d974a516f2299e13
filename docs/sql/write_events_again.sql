-- Writes the events of orders into the outbox once more, for the relay to deliver. Run it in the orders database after the
-- invoices database lost what it had processed, for example because it was restored from a backup. To deliver an event again
-- changes nothing if it was processed before, so a time that is too early does no harm.
--
-- psql "$ORDERS_DATABASE_URL" -v since='2026-01-31 12:00Z' -f docs/sql/write_events_again.sql
--
-- `since`: orders that were placed or changed from then on. The statement reads all orders once.
WITH chosen AS (
    SELECT o.id, o.customer_id, o.amount, o.currency, o.status, o.version, o.created_at, o.changed_at, o.details
    FROM orders AS o
    WHERE greatest(o.created_at, o.changed_at) >= :'since'
), created AS (
    INSERT INTO outbox (id, event_type, order_id, payload)
    SELECT
        event.id,
        'order.created',
        chosen.id,
        (json_strip_nulls(json_build_object(
            'orderId', chosen.id,
            'amount', chosen.amount,
            'customer', json_build_object(
                'id', c.id, 'name', c.name, 'email', c.email, 'address', c.address, 'addressLine2', c.address_line2,
                'city', c.city, 'state', nullif(c.state, ''), 'zipCode', c.zip_code, 'country', CASE WHEN is_country(c.country) THEN c.country END, 'vatId', c.vat_id,
                'companyId', c.company_id, 'companyIdScheme', CASE WHEN c.company_id IS NOT NULL THEN c.company_id_scheme END, 'contact', c.contact, 'phone', c.phone,
                'electronicAddress', CASE
                    WHEN c.electronic_address_id IS NOT NULL
                    THEN json_build_object('scheme', c.electronic_address_scheme, 'id', c.electronic_address_id)
                END,
                'buyerReference', c.buyer_reference, 'paymentDays', c.payment_days, 'paymentTerms', c.payment_terms,
                'cashDiscounts', c.cash_discounts, 'invoiceProfile', c.invoice_profile
            ),
            'currency', chosen.currency,
            'lines', coalesce((
                SELECT json_agg(coalesce(l.line, json_build_object(
                    'sku', l.sku, 'description', l.description, 'quantity', l.quantity, 'unitPrice', l.unit_price,
                    'taxRateBasisPoints', l.tax_rate
                )) ORDER BY l.position)
                FROM order_lines AS l
                WHERE l.order_id = chosen.id
            ), '[]'),
            'version', 1,
            'specversion', '1.0',
            'eventId', event.id,
            'createdAt', to_char(chosen.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        ))::jsonb || coalesce(chosen.details::jsonb, '{}'))::json
    FROM chosen
    JOIN customers AS c ON c.id = chosen.customer_id
    -- One identifier for each row: the condition ties the call to it.
    CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE chosen.id IS NOT NULL) AS event
    RETURNING id
), changed AS (
    INSERT INTO outbox (id, event_type, order_id, payload)
    SELECT
        event.id,
        'order.' || chosen.status,
        chosen.id,
        json_build_object(
            'orderId', chosen.id,
            'version', chosen.version,
            'changedAt', to_char(chosen.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'specversion', '1.0',
            'eventId', event.id
        )
    FROM chosen
    CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE chosen.id IS NOT NULL) AS event
    WHERE chosen.status <> 'pending'
    RETURNING id
)
SELECT (SELECT count(*) FROM created) AS orders, (SELECT count(*) FROM changed) AS changes
