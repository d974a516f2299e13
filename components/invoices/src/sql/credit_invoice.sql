-- Records that an order is canceled, and credits its invoice if that exists.
--
-- If it does not exist yet, the statement that issues it finds the order canceled: both write the order's row first, so one waits
-- for the other. The advisory lock before it, and the date, are explained in issue_invoice.sql. The credit note has a number of the seller
-- of the invoice, which a function reads behind the lock: the statement itself sees invoices as they were when it began.
--
-- It is not dated before its invoice, which may be of a later day where the settings had another time zone then.
--
-- Parameters:
--   order_id          uuid
--   canceled_at       timestamptz
--   event_id          uuid or null  the event that reports it
--   api_key           text or null  the identifier of the key by which it was reported
--   credit_note_id    uuid
--   webhook_event_id  uuid
-- Returns:
--   written  int4  1, or 0 if the order was canceled before
WITH issue_lock AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))
), state AS (
    INSERT INTO order_states AS s (order_id, canceled_at, canceled_event_id, canceled_api_key)
    SELECT :order_id, :canceled_at, :event_id, :api_key
    FROM issue_lock
    ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE
    SET
        canceled_at = excluded.canceled_at,
        canceled_event_id = excluded.canceled_event_id,
        canceled_api_key = excluded.canceled_api_key
    WHERE s.canceled_at IS NULL
    RETURNING invoice_id
), invoice AS MATERIALIZED (
    SELECT found.seller_id, found.issued_on
    FROM state
    CROSS JOIN LATERAL issued_invoice(state.invoice_id) AS found
    WHERE state.invoice_id IS NOT NULL
), clock AS MATERIALIZED (
    SELECT
        clock_timestamp() AS now, invoice.seller_id, invoice.issued_on, series_settings_now(invoice.seller_id) AS settings
    FROM invoice
), moment AS MATERIALIZED (
    SELECT
        clock.now,
        clock.seller_id,
        clock.settings,
        greatest(clock.now, clock.issued_on::timestamp AT TIME ZONE (clock.settings).time_zone) AS dated_at
    FROM clock
), taken AS (
    INSERT INTO credit_note_series AS s (series, prefix, last_number, skipped, last_issued_at, last_issued_on)
    SELECT
        series_of_seller(moment.seller_id, (moment.settings).credit_note_is_yearly, moment.dated_at, (moment.settings).time_zone),
        (moment.settings).credit_note_prefix,
        (moment.settings).credit_note_start_number,
        (moment.settings).credit_note_start_number - 1,
        moment.now,
        (moment.dated_at AT TIME ZONE (moment.settings).time_zone)::date
    FROM moment
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
        taken.series,
        taken.last_number,
        taken.prefix,
        format_number((moment.settings).credit_note_format, taken.prefix, taken.last_issued_on, taken.last_number),
        taken.last_issued_at,
        taken.last_issued_on
    FROM state, taken, moment
), announced AS (
    INSERT INTO webhook_events (id, event_type, invoice_id, created_at)
    SELECT :webhook_event_id, 'invoice.credited', state.invoice_id, taken.last_issued_at
    FROM state, taken
    WHERE EXISTS (
        SELECT 1
        FROM webhook_endpoints AS e
        WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL AND 'invoice.credited' = ANY (e.event_types)
    )
    RETURNING id, event_type
), addressed AS (
    INSERT INTO webhook_deliveries (endpoint_id, event_id)
    SELECT e.id, announced.id
    FROM announced
    JOIN webhook_endpoints AS e ON announced.event_type = ANY (e.event_types)
    WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL
)
SELECT count(*)::integer AS written
FROM state
