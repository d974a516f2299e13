-- How numbers are formed is set without SQL, and what was issued stays as it was issued: the database refuses changes, each document
-- carries a hash that includes that of the document before it, and what becomes of an order is recorded with its time.
--
-- Everything here takes milliseconds however many invoices there are, since columns are added without a value. Documents that are there
-- already are hashed by the next migration. The version before this one goes on issuing meanwhile: it names its columns, and a trigger
-- fills those that it does not know.

-- All tables at first, or a statement that reads two of them could wait for this while this waits for it.
LOCK TABLE order_states, invoice_series, credit_note_series, credit_notes, invoices IN ACCESS EXCLUSIVE MODE;

-- API keys that may see or set how numbers are formed. The constraint is checked against the keys that are there, which are few.
ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_scopes_known,
    ADD CONSTRAINT api_keys_scopes_known CHECK (
        scopes <@ ARRAY[
            'invoices:read', 'webhooks:read', 'webhooks:write', 'seller:read', 'seller:write', 'series:read', 'series:write'
        ]
    );

-- How numbers are formed: one row, set by the API.
CREATE TABLE series_settings (
    -- True, so that there is no second row.
    only_row                 boolean     CONSTRAINT series_settings_pkey PRIMARY KEY DEFAULT true
        CONSTRAINT series_settings_only_one CHECK (only_row),
    -- The time zone of the business day (IANA). Years, dates of issue and due dates are of it.
    time_zone                text        NOT NULL DEFAULT 'UTC',
    -- The printed number: `{prefix}`, `{year}` or `{year:2}`, `{number}` or `{number:6}` (at least so many digits), and what stands between.
    invoice_format           text        NOT NULL DEFAULT '{prefix}{year}-{number:6}'
        CONSTRAINT series_settings_invoice_format_has_number CHECK (
            invoice_format ~ '^([^{}]|[{](prefix|year(:2)?)[}])*[{]number(:[0-9]{1,2})?[}]([^{}]|[{](prefix|year(:2)?)[}])*$'
        ),
    invoice_prefix           text        NOT NULL DEFAULT '',
    -- Numbers begin anew each year, or never. Where they do, the year is a part of them, or two documents would have the same number.
    invoice_is_yearly        boolean     NOT NULL DEFAULT true
        CONSTRAINT series_settings_invoice_format_has_year CHECK (NOT invoice_is_yearly OR invoice_format ~ '[{]year(:2)?[}]'),
    -- The first number of a series. A series that is below it goes on with it.
    invoice_start_number     bigint      NOT NULL DEFAULT 1
        CONSTRAINT series_settings_invoice_start_natural CHECK (invoice_start_number BETWEEN 1 AND 999999999999),
    credit_note_format       text        NOT NULL DEFAULT '{prefix}{year}-{number:6}'
        CONSTRAINT series_settings_credit_note_format_has_number CHECK (
            credit_note_format ~ '^([^{}]|[{](prefix|year(:2)?)[}])*[{]number(:[0-9]{1,2})?[}]([^{}]|[{](prefix|year(:2)?)[}])*$'
        ),
    credit_note_prefix       text        NOT NULL DEFAULT 'CN-',
    credit_note_is_yearly    boolean     NOT NULL DEFAULT true
        CONSTRAINT series_settings_credit_note_format_has_year CHECK (NOT credit_note_is_yearly OR credit_note_format ~ '[{]year(:2)?[}]'),
    credit_note_start_number bigint      NOT NULL DEFAULT 1
        CONSTRAINT series_settings_credit_note_start_natural CHECK (credit_note_start_number BETWEEN 1 AND 999999999999),
    set_at                   timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The identifier of the API key by which it was set; null where none was required.
    api_key                  text
);

-- All settings that there have been: a number at which a series skips some is explained by a start number of these.
CREATE TABLE series_settings_history (
    version  bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT series_settings_history_pkey PRIMARY KEY,
    settings jsonb  NOT NULL
);

CREATE FUNCTION series_settings_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO series_settings_history (settings) VALUES (to_jsonb(NEW) - 'only_row');
    RETURN NULL;
END
$$;

CREATE TRIGGER series_settings_keep AFTER INSERT OR UPDATE ON series_settings
FOR EACH ROW EXECUTE FUNCTION series_settings_keep();

-- As numbers are formed until now.
INSERT INTO series_settings (invoice_prefix, credit_note_prefix)
SELECT
    coalesce((SELECT s.prefix FROM invoice_series AS s ORDER BY s.last_issued_at DESC NULLS LAST, s.series DESC LIMIT 1), ''),
    coalesce((SELECT s.prefix FROM credit_note_series AS s ORDER BY s.last_issued_at DESC NULLS LAST, s.series DESC LIMIT 1), 'CN-');

-- A new series has the prefix of the settings. Until now a prefix was set by SQL on a series, which still works, and counts for those to
-- come.
CREATE FUNCTION invoice_series_keep_prefix() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE series_settings SET invoice_prefix = NEW.prefix, set_at = clock_timestamp(), api_key = NULL
    WHERE invoice_prefix <> NEW.prefix;
    RETURN NULL;
END
$$;

CREATE FUNCTION credit_note_series_keep_prefix() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE series_settings SET credit_note_prefix = NEW.prefix, set_at = clock_timestamp(), api_key = NULL
    WHERE credit_note_prefix <> NEW.prefix;
    RETURN NULL;
END
$$;

CREATE TRIGGER invoice_series_keep_prefix AFTER UPDATE OF prefix ON invoice_series
FOR EACH ROW EXECUTE FUNCTION invoice_series_keep_prefix();
CREATE TRIGGER credit_note_series_keep_prefix AFTER UPDATE OF prefix ON credit_note_series
FOR EACH ROW EXECUTE FUNCTION credit_note_series_keep_prefix();

-- The version before names no prefix where it begins a series. A default of the column would not know the settings.
CREATE FUNCTION invoice_series_fill_prefix() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.prefix := (SELECT s.invoice_prefix FROM series_settings AS s);
    RETURN NEW;
END
$$;

CREATE FUNCTION credit_note_series_fill_prefix() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.prefix := (SELECT s.credit_note_prefix FROM series_settings AS s);
    RETURN NEW;
END
$$;

ALTER TABLE invoice_series ALTER COLUMN prefix DROP DEFAULT;
ALTER TABLE credit_note_series ALTER COLUMN prefix DROP DEFAULT;
CREATE TRIGGER invoice_series_fill_prefix BEFORE INSERT ON invoice_series
FOR EACH ROW WHEN (NEW.prefix IS NULL) EXECUTE FUNCTION invoice_series_fill_prefix();
CREATE TRIGGER credit_note_series_fill_prefix BEFORE INSERT ON credit_note_series
FOR EACH ROW WHEN (NEW.prefix IS NULL) EXECUTE FUNCTION credit_note_series_fill_prefix();

-- The settings as they were committed last. A volatile function sees what was committed while its statement waited for the lock of those
-- that issue; a table in the statement itself would be read as it was before.
CREATE FUNCTION series_settings_now() RETURNS series_settings
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found series_settings;
BEGIN
    SELECT s.* INTO found FROM series_settings AS s;
    RETURN found;
END
$$;

-- The start numbers that are allowed for the series that issues next. Numbers that begin anew each year and numbers that never do may print
-- the same, so a series that is below the last number of the others begins above it. One that is a million above is a mistyped one, and
-- could not be taken back.
CREATE FUNCTION check_start_number(
    start_number bigint, own_last bigint, others_last bigint, OUT least_start bigint, OUT greatest_start bigint
)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF coalesce(own_last, 0) < others_last AND start_number <= others_last THEN
        least_start := others_last + 1;
    END IF;
    IF start_number > greatest(own_last, others_last) + 1000000 THEN
        greatest_start := greatest(own_last, others_last) + 1000000;
    END IF;
END
$$;

-- Sets the settings, unless that could print a number twice or the time zone is not known. The lock is that of those that issue, taken
-- first: what follows sees all that was issued.
CREATE FUNCTION set_series(
    new series_settings,
    OUT is_zone_known boolean,
    OUT invoice_first bigint, OUT invoice_most bigint,
    OUT credit_note_first bigint, OUT credit_note_most bigint
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    this_year text;
BEGIN
    is_zone_known := EXISTS (SELECT 1 FROM pg_timezone_names AS z WHERE z.name = new.time_zone);
    PERFORM pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint));
    this_year := to_char(clock_timestamp() AT TIME ZONE CASE WHEN is_zone_known THEN new.time_zone ELSE 'UTC' END, 'YYYY');
    SELECT c.least_start, c.greatest_start INTO invoice_first, invoice_most
    FROM (
        SELECT
            max(s.last_number) FILTER (
                WHERE s.series = CASE WHEN new.invoice_is_yearly THEN this_year ELSE 'continuous' END
            ) AS own,
            max(s.last_number) FILTER (WHERE (s.series = 'continuous') = new.invoice_is_yearly) AS others
        FROM invoice_series AS s
    ) AS l, check_start_number(new.invoice_start_number, l.own, l.others) AS c;
    SELECT c.least_start, c.greatest_start INTO credit_note_first, credit_note_most
    FROM (
        SELECT
            max(s.last_number) FILTER (
                WHERE s.series = CASE WHEN new.credit_note_is_yearly THEN this_year ELSE 'continuous' END
            ) AS own,
            max(s.last_number) FILTER (WHERE (s.series = 'continuous') = new.credit_note_is_yearly) AS others
        FROM credit_note_series AS s
    ) AS l, check_start_number(new.credit_note_start_number, l.own, l.others) AS c;
    IF NOT is_zone_known OR coalesce(invoice_first, invoice_most, credit_note_first, credit_note_most) IS NOT NULL THEN
        RETURN;
    END IF;
    UPDATE series_settings AS s
    SET
        time_zone = new.time_zone,
        invoice_format = new.invoice_format,
        invoice_prefix = new.invoice_prefix,
        invoice_is_yearly = new.invoice_is_yearly,
        invoice_start_number = new.invoice_start_number,
        credit_note_format = new.credit_note_format,
        credit_note_prefix = new.credit_note_prefix,
        credit_note_is_yearly = new.credit_note_is_yearly,
        credit_note_start_number = new.credit_note_start_number,
        set_at = clock_timestamp(),
        api_key = new.api_key
    WHERE to_jsonb(s) - 'set_at' - 'api_key' <> to_jsonb(new) - 'set_at' - 'api_key';
    UPDATE invoice_series AS s SET prefix = new.invoice_prefix WHERE s.prefix <> new.invoice_prefix;
    UPDATE credit_note_series AS s SET prefix = new.credit_note_prefix WHERE s.prefix <> new.credit_note_prefix;
END
$$;

-- The seller as an invoice keeps it, made when the seller is set: to make it with every invoice was half of what an invoice cost. Whatever
-- redefines seller_now() has to write the seller again (UPDATE seller SET name = name).
CREATE TABLE seller_to_keep (
    only_row boolean CONSTRAINT seller_to_keep_pkey PRIMARY KEY DEFAULT true CONSTRAINT seller_to_keep_only_one CHECK (only_row),
    seller   json    NOT NULL
);
INSERT INTO seller_to_keep (seller) SELECT seller_now() FROM seller;

CREATE FUNCTION seller_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM seller_to_keep;
    INSERT INTO seller_to_keep (seller) SELECT seller_now() FROM seller;
    RETURN NULL;
END
$$;

CREATE TRIGGER seller_keep AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON seller
FOR EACH STATEMENT EXECUTE FUNCTION seller_keep();

CREATE FUNCTION seller_kept() RETURNS json
LANGUAGE sql STABLE
RETURN (SELECT k.seller FROM seller_to_keep AS k);

ALTER TABLE invoices ALTER COLUMN seller SET DEFAULT seller_kept();

-- A number by its format.
CREATE FUNCTION format_number(format text, prefix text, issued_on date, number bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN replace(
    replace(
        replace(
            split_part(format, '{number', 1)
            || lpad(
                number::text,
                greatest(
                    coalesce(nullif(ltrim(split_part(split_part(format, '{number', 2), '}', 1), ':'), '')::integer, 1),
                    length(number::text)
                ),
                '0'
            )
            || substr(split_part(format, '{number', 2), strpos(split_part(format, '{number', 2), '}') + 1),
            '{year:2}',
            right(extract(year FROM issued_on)::text, 2)
        ),
        '{year}',
        extract(year FROM issued_on)::text
    ),
    '{prefix}',
    prefix
);

-- A document's number as it was printed: the column of that name, or, where a version issued it that did not know the column, its parts.
CREATE FUNCTION printed_number_of(printed_number text, prefix text, series text, number bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(printed_number, prefix || series || '-' || lpad(number::text, greatest(6, length(number::text)), '0'));

ALTER TABLE invoice_series
    -- The last date of issue, in the time zone of its time: dates of a series never go back, whatever the zone is changed to.
    ADD COLUMN last_issued_on date,
    -- How many numbers a start number has skipped: without them, the last number is how many documents there are.
    ADD COLUMN skipped bigint NOT NULL DEFAULT 0;
ALTER TABLE credit_note_series
    ADD COLUMN last_issued_on date,
    ADD COLUMN skipped bigint NOT NULL DEFAULT 0;

-- A row for each year.
UPDATE invoice_series SET last_issued_on = (last_issued_at AT TIME ZONE 'UTC')::date;
UPDATE credit_note_series SET last_issued_on = (last_issued_at AT TIME ZONE 'UTC')::date;

ALTER TABLE invoices
    ADD COLUMN printed_number text,
    -- The date of issue; null for the date of `created_at` in UTC.
    ADD COLUMN issued_on date,
    -- The event that reported the order; null where that named none.
    ADD COLUMN event_id uuid,
    -- Null for documents from before this migration, which `hashed_documents` knows.
    ADD COLUMN chain_sha256 bytea;
ALTER TABLE credit_notes
    ADD COLUMN printed_number text,
    ADD COLUMN issued_on date,
    ADD COLUMN chain_sha256 bytea;

-- The SHA-256 of an invoice: of the JSON array of its columns in this order, in UTF-8, and of what is not null of `document` behind it.
-- A column that is added later stands behind these in the same way, so that invoices without it keep their hash. The audit computes the
-- same without this function (host/src/audit/sql/page_invoice_numbers.sql).
CREATE FUNCTION invoice_sha256(i invoices) RETURNS bytea
LANGUAGE sql STABLE
RETURN sha256(convert_to(
    json_build_array(
        i.id, i.order_id, i.series, i.number, i.prefix, i.printed_number, i.issued_on,
        to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        i.event_id, i.customer_id, i.amount, i.currency, i.customer, i.lines, i.seller
    )::text || coalesce('document' || i.document::text, ''),
    'UTF8'
));

-- The same of a credit note. What it credits is in its invoice.
CREATE FUNCTION credit_note_sha256(c credit_notes) RETURNS bytea
LANGUAGE sql STABLE
RETURN sha256(convert_to(
    json_build_array(
        c.id, c.invoice_id, c.series, c.number, c.prefix, c.printed_number, c.issued_on,
        to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )::text,
    'UTF8'
));

-- A document's link: the SHA-256 of the link of the document before it in its series, if there is one, and of its own hash. A volatile
-- function sees what was committed while its statement waited for the row of the series, and what its transaction has written. That row
-- is locked, so links are made in the order of numbers.
CREATE FUNCTION invoices_link() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.chain_sha256 := sha256(
        coalesce(
            (
                SELECT i.chain_sha256 FROM invoices AS i
                WHERE i.series = NEW.series AND i.number < NEW.number
                ORDER BY i.number DESC LIMIT 1
            ),
            ''
        ) || invoice_sha256(NEW)
    );
    RETURN NEW;
END
$$;

CREATE FUNCTION credit_notes_link() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.chain_sha256 := sha256(
        coalesce(
            (
                SELECT c.chain_sha256 FROM credit_notes AS c
                WHERE c.series = NEW.series AND c.number < NEW.number
                ORDER BY c.number DESC LIMIT 1
            ),
            ''
        ) || credit_note_sha256(NEW)
    );
    RETURN NEW;
END
$$;

-- The version before names neither the printed number nor the date of issue. Triggers run in the order of their names, so this one is first.
CREATE FUNCTION document_complete() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.printed_number := printed_number_of(NEW.printed_number, NEW.prefix, NEW.series, NEW.number);
    NEW.issued_on := coalesce(NEW.issued_on, (NEW.created_at AT TIME ZONE 'UTC')::date);
    RETURN NEW;
END
$$;

CREATE TRIGGER invoices_complete BEFORE INSERT ON invoices
FOR EACH ROW WHEN (NEW.printed_number IS NULL OR NEW.issued_on IS NULL) EXECUTE FUNCTION document_complete();
CREATE TRIGGER credit_notes_complete BEFORE INSERT ON credit_notes
FOR EACH ROW WHEN (NEW.printed_number IS NULL OR NEW.issued_on IS NULL) EXECUTE FUNCTION document_complete();

CREATE TRIGGER invoices_link BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION invoices_link();
CREATE TRIGGER credit_notes_link BEFORE INSERT ON credit_notes FOR EACH ROW EXECUTE FUNCTION credit_notes_link();

-- What has become of an order after its invoice, and when it was recorded, by which event. A row is written by a trigger on
-- `order_states`, whichever version or person changes that. An invoice is the record of its own issue.
CREATE TABLE order_state_events (
    id          bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT order_state_events_pkey PRIMARY KEY,
    order_id    uuid        NOT NULL,
    event       text        NOT NULL CONSTRAINT order_state_events_event_known CHECK (event IN ('paid', 'canceled')),
    -- When it happened, as the event says.
    happened_at timestamptz NOT NULL,
    -- Null for what was recorded before this table was there.
    recorded_at timestamptz DEFAULT clock_timestamp(),
    -- The identifier of the event that reported it; null where that names none, and where the version before recorded it.
    event_id    uuid,
    -- The identifier of the API key by which it was reported; null where that is not known, as for events from a broker.
    api_key     text
);
CREATE INDEX order_state_events_order_id ON order_state_events (order_id);

ALTER TABLE order_states
    -- The events that reported them.
    ADD COLUMN paid_event_id uuid,
    ADD COLUMN canceled_event_id uuid;

CREATE FUNCTION order_states_paid() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_state_events (order_id, event, happened_at, event_id)
    VALUES (NEW.order_id, 'paid', NEW.paid_at, NEW.paid_event_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION order_states_canceled() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_state_events (order_id, event, happened_at, event_id)
    VALUES (NEW.order_id, 'canceled', NEW.canceled_at, NEW.canceled_event_id);
    RETURN NULL;
END
$$;

CREATE TRIGGER order_states_paid_at_first AFTER INSERT ON order_states
FOR EACH ROW WHEN (NEW.paid_at IS NOT NULL) EXECUTE FUNCTION order_states_paid();
CREATE TRIGGER order_states_paid AFTER UPDATE ON order_states
FOR EACH ROW WHEN (OLD.paid_at IS NULL AND NEW.paid_at IS NOT NULL) EXECUTE FUNCTION order_states_paid();
CREATE TRIGGER order_states_canceled_at_first AFTER INSERT ON order_states
FOR EACH ROW WHEN (NEW.canceled_at IS NOT NULL) EXECUTE FUNCTION order_states_canceled();
CREATE TRIGGER order_states_canceled AFTER UPDATE ON order_states
FOR EACH ROW WHEN (OLD.canceled_at IS NULL AND NEW.canceled_at IS NOT NULL) EXECUTE FUNCTION order_states_canceled();

-- Hashes of documents from before this migration, of up to a hundred in a row: the SHA-256 of their own hashes in the order of numbers. To
-- link each would have meant to write every row again. The next migration fills it.
CREATE TABLE hashed_documents (
    kind         text   NOT NULL CONSTRAINT hashed_documents_kind_known CHECK (kind IN ('invoice', 'credit note')),
    series       text   NOT NULL,
    first_number bigint NOT NULL,
    last_number  bigint NOT NULL,
    sha256       bytea  NOT NULL,
    CONSTRAINT hashed_documents_pkey PRIMARY KEY (kind, series, first_number)
);

-- What was issued or recorded is not changed or removed, by nobody: no column of these tables changes in the life of a row. What changes is
-- the state of an order, in `order_states`.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what was issued or recorded stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'An invoice is taken back by a credit note: cancel its order.';
END
$$;

CREATE TRIGGER invoices_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON invoices
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_notes_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_notes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_state_events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON order_state_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hashed_documents_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON hashed_documents
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER series_settings_stay BEFORE DELETE OR TRUNCATE ON series_settings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER series_settings_history_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON series_settings_history
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Series go on: their last number never goes down, and they are not removed. The conditions are checked without a call.
CREATE TRIGGER invoice_series_stay BEFORE DELETE OR TRUNCATE ON invoice_series
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_series_go_on BEFORE UPDATE ON invoice_series
FOR EACH ROW WHEN (NEW.last_number < OLD.last_number OR NEW.series <> OLD.series) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_series_stay BEFORE DELETE OR TRUNCATE ON credit_note_series
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_series_go_on BEFORE UPDATE ON credit_note_series
FOR EACH ROW WHEN (NEW.last_number < OLD.last_number OR NEW.series <> OLD.series) EXECUTE FUNCTION refuse_change();

-- A payment or cancellation that was recorded stays.
CREATE TRIGGER order_states_stay BEFORE UPDATE ON order_states
FOR EACH ROW WHEN (
    (OLD.paid_at IS NOT NULL AND NEW.paid_at IS DISTINCT FROM OLD.paid_at)
    OR (OLD.canceled_at IS NOT NULL AND NEW.canceled_at IS DISTINCT FROM OLD.canceled_at)
) EXECUTE FUNCTION refuse_change();

-- Functions find their tables whatever the session's search_path is: pg_restore empties it. Those that write what the version before does
-- not know run as the owner of the tables, since its role has no privileges on tables that are new.
DO $$
DECLARE
    name text;
    path text := format('pg_catalog, %I, pg_temp', current_schema());
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'series_settings_now()', 'set_series(series_settings)', 'invoices_link()', 'credit_notes_link()', 'document_complete()',
        'refuse_change()', 'check_start_number(bigint, bigint, bigint)'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %s', name, path);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'series_settings_keep()', 'invoice_series_keep_prefix()', 'credit_note_series_keep_prefix()', 'invoice_series_fill_prefix()',
        'credit_note_series_fill_prefix()', 'seller_keep()', 'seller_kept()', 'order_states_paid()', 'order_states_canceled()'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %s', name, path);
    END LOOP;
END
$$;
