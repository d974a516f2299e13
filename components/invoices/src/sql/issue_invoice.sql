-- The invoice of an order with its number, and its credit note if the order is known to be canceled already.
--
-- The first step takes an advisory lock, the bytes of "wb-issue". Several of these statements can be one transaction, which holds the
-- series' row and then wants an order's row. A statement that held that order's row and wanted the series' row would deadlock.
-- The order's row comes next and stays locked, which serializes the events of one order; an order that has its invoice yields no
-- row, and nothing else happens. The series' row stays locked from the taking of the number to the commit, so numbers are
-- given in the order of commits; a statement that fails gives its number back.
--
-- The document was made for a seller. It is written only if that seller is still the same. Each seller has series of its own.
--
-- now() is when the transaction began, which may have waited for the lock over midnight. So the date is that of the clock when the lock
-- is there, in the time zone of the settings; the series is the year of it, where numbers begin anew each year; and the series' row keeps
-- dates from going back with the clock. A credit note is not dated before its invoice. A new series has the prefix of the settings, which
-- are read by a volatile function behind the lock, so they are those that were committed while this waited.
-- Without settings the number is null, and the statement fails as a whole.
--
-- A trigger links the invoice with the one before it (migration V12): all columns that it hashes are written here.
--
-- Parameters:
--   invoice_id      uuid
--   order_id        uuid
--   customer_id     text
--   amount          int8  in minor units of the currency
--   currency        text
--   customer        json
--   lines           json
--   document        json
--   seller_id       text
--   seller          json or null the seller that the document was made for
--   event_id        uuid or null  the event that reports the order
--   credit_note_id  uuid
--   issued_id       uuid  the webhook event of its issue
--   paid_id         uuid  the webhook event of its payment
--   credited_id     uuid  the webhook event of its credit note
-- Returns:
--   issued             int4  1, or 0 if the order has its invoice
--   is_seller_current  bool  whether the seller still is so; nothing is written if not
WITH issue_lock AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))
), seller AS MATERIALIZED (
    -- Not by the function, whose call takes 0.1 ms.
    SELECT (
        SELECT k.seller::text FROM sellers_to_keep AS k WHERE k.id = :seller_id
    ) IS NOT DISTINCT FROM :seller::text AS is_current
), state AS (
    INSERT INTO order_states AS s (order_id, invoice_id)
    SELECT :order_id, :invoice_id
    FROM issue_lock, seller
    WHERE seller.is_current
    ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE SET invoice_id = excluded.invoice_id
    WHERE s.invoice_id IS NULL
    RETURNING invoice_id, paid_at, canceled_at
), moment AS MATERIALIZED (
    SELECT
        clock_timestamp() AS now, state.canceled_at IS NOT NULL AS is_canceled, series_settings_now(:seller_id) AS settings
    FROM state
), taken AS (
    INSERT INTO invoice_series AS s (series, prefix, last_number, skipped, last_issued_at, last_issued_on)
    SELECT
        series_of_seller(:seller_id, (moment.settings).invoice_is_yearly, moment.now, (moment.settings).time_zone),
        (moment.settings).invoice_prefix,
        (moment.settings).invoice_start_number,
        (moment.settings).invoice_start_number - 1,
        moment.now,
        (moment.now AT TIME ZONE (moment.settings).time_zone)::date
    FROM moment
    ON CONFLICT ON CONSTRAINT invoice_series_pkey DO UPDATE
    SET
        last_number = greatest(s.last_number + 1, excluded.last_number),
        skipped = s.skipped + greatest(excluded.last_number - s.last_number - 1, 0),
        last_issued_at = greatest(s.last_issued_at, excluded.last_issued_at),
        last_issued_on = greatest(s.last_issued_on, excluded.last_issued_on)
    RETURNING series, last_number, prefix, last_issued_at, last_issued_on
), issued AS (
    INSERT INTO invoices
        (
            id,
            order_id,
            series,
            number,
            prefix,
            printed_number,
            event_id,
            customer_id,
            amount,
            currency,
            customer,
            lines,
            document,
            seller,
            created_at,
            issued_on
        )
    SELECT
        :invoice_id,
        :order_id,
        taken.series,
        taken.last_number,
        taken.prefix,
        format_number((moment.settings).invoice_format, taken.prefix, taken.last_issued_on, taken.last_number),
        :event_id,
        :customer_id,
        :amount,
        :currency,
        :customer,
        :lines,
        :document,
        :seller,
        taken.last_issued_at,
        taken.last_issued_on
    FROM taken, moment
    RETURNING id
), credit_moment AS MATERIALIZED (
    SELECT
        moment.now,
        moment.settings,
        greatest(moment.now, taken.last_issued_on::timestamp AT TIME ZONE (moment.settings).time_zone) AS dated_at
    FROM moment, taken
    WHERE moment.is_canceled
), credit_taken AS (
    INSERT INTO credit_note_series AS s (series, prefix, last_number, skipped, last_issued_at, last_issued_on)
    SELECT
        series_of_seller(:seller_id, (moment.settings).credit_note_is_yearly, moment.dated_at, (moment.settings).time_zone),
        (moment.settings).credit_note_prefix,
        (moment.settings).credit_note_start_number,
        (moment.settings).credit_note_start_number - 1,
        moment.now,
        (moment.dated_at AT TIME ZONE (moment.settings).time_zone)::date
    FROM credit_moment AS moment
    ON CONFLICT ON CONSTRAINT credit_note_series_pkey DO UPDATE
    SET
        last_number = greatest(s.last_number + 1, excluded.last_number),
        skipped = s.skipped + greatest(excluded.last_number - s.last_number - 1, 0),
        last_issued_at = greatest(s.last_issued_at, excluded.last_issued_at),
        last_issued_on = greatest(s.last_issued_on, excluded.last_issued_on)
    RETURNING series, last_number, prefix, last_issued_at, last_issued_on
), credited AS (
    INSERT INTO credit_notes (id, invoice_id, series, number, prefix, printed_number, created_at, issued_on)
    SELECT
        :credit_note_id,
        state.invoice_id,
        credit_taken.series,
        credit_taken.last_number,
        credit_taken.prefix,
        format_number(
            (moment.settings).credit_note_format, credit_taken.prefix, credit_taken.last_issued_on, credit_taken.last_number
        ),
        credit_taken.last_issued_at,
        credit_taken.last_issued_on
    FROM state, credit_taken, moment
), announced AS (
    INSERT INTO webhook_events (id, event_type, invoice_id, created_at)
    SELECT happened.id, happened.event_type, state.invoice_id, taken.last_issued_at
    FROM state
    CROSS JOIN taken
    CROSS JOIN LATERAL (
        VALUES
            (:issued_id, 'invoice.issued', true),
            (:paid_id, 'invoice.paid', state.paid_at IS NOT NULL),
            (:credited_id, 'invoice.credited', state.canceled_at IS NOT NULL)
    ) AS happened (id, event_type, is_true)
    WHERE happened.is_true AND EXISTS (
        SELECT 1
        FROM webhook_endpoints AS e
        WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL AND happened.event_type = ANY (e.event_types)
    )
    RETURNING id, event_type
), addressed AS (
    INSERT INTO webhook_deliveries (endpoint_id, event_id)
    SELECT e.id, announced.id
    FROM announced
    JOIN webhook_endpoints AS e ON announced.event_type = ANY (e.event_types)
    WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL
)
SELECT (SELECT count(*) FROM issued)::integer AS issued, seller.is_current AS is_seller_current
FROM seller
