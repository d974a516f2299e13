-- Several sellers, each with series of its own.
--
-- The seller of until now is `default`, and so are its series and settings, which keep their names. The version before this one knows no
-- other: it issues for the default seller as before, whichever seller an order names. So others are set when no process of that version
-- runs any more.
--
-- All of it takes milliseconds however many invoices there are. The next migration tells printed numbers apart by their sellers.

-- All tables at first, as in V12.
LOCK TABLE seller, order_states, invoice_series, credit_note_series, credit_notes, invoices IN ACCESS EXCLUSIVE MODE;

-- The seller of a series: what stands before the slash in its name, and `default` where there is none.
CREATE FUNCTION seller_of_series(series text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN strpos(series, '/') > 0 THEN split_part(series, '/', 1) ELSE 'default' END;

-- The series of a seller at a moment: `2026` or `continuous` of the default seller, `paper/2026` or `paper/continuous` of another.
CREATE FUNCTION series_of_seller(seller_id text, is_yearly boolean, at timestamptz, time_zone text) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN seller_id = 'default' THEN '' ELSE seller_id || '/' END
    || CASE WHEN is_yearly THEN to_char(at AT TIME ZONE time_zone, 'YYYY') ELSE 'continuous' END;

-- One row for each seller. `only_row` is what the version before returns; a later one removes it.
ALTER TABLE seller
    -- Chosen by the operator. It has no slash, which ends it in the names of series.
    ADD COLUMN id text NOT NULL DEFAULT 'default' CONSTRAINT seller_id_form CHECK (id ~ '^[a-z0-9-]{1,40}$'),
    DROP CONSTRAINT seller_pkey,
    ADD CONSTRAINT seller_pkey PRIMARY KEY (id);

-- A seller as an invoice keeps it, with its identifier. That of the default seller is left out, so it is as it was.
CREATE FUNCTION seller_now(id text) RETURNS json
LANGUAGE sql STABLE
RETURN (
    SELECT json_strip_nulls(json_build_object(
        'id', nullif(s.id, 'default'),
        'name', s.name,
        'vatId', s.vat_id,
        'taxNumber', s.tax_number,
        'companyId', s.company_id,
        'companyIdScheme', s.company_id_scheme,
        'address', s.address,
        'addressLine2', s.address_line2,
        'city', s.city,
        'zipCode', s.zip_code,
        'subdivision', s.subdivision,
        'country', s.country,
        'email', s.email,
        'contact', s.contact,
        'phone', s.phone,
        'electronicAddress', CASE
            WHEN s.electronic_address_id IS NOT NULL
            THEN json_build_object('scheme', s.electronic_address_scheme, 'id', s.electronic_address_id)
        END,
        'legalNotes', s.legal_notes,
        'exemptionReason', s.exemption_reason,
        'amountTaxRateBasisPoints', s.amount_tax_rate_basis_points,
        'paymentDays', s.payment_days,
        'iban', CASE WHEN NOT e.is_specimen THEN s.iban END,
        'bic', CASE WHEN NOT e.is_specimen THEN s.bic END,
        'isSpecimen', nullif(e.is_specimen, false)
    ))
    FROM seller AS s
    CROSS JOIN LATERAL (SELECT s.name = 'Example seller: change me') AS e (is_specimen)
    WHERE s.id = seller_now.id
);

-- For the version before.
CREATE OR REPLACE FUNCTION seller_now() RETURNS json
LANGUAGE sql STABLE
RETURN seller_now('default');

-- Sellers as invoices keep them (V12 says why they are made when they are set), in place of `seller_to_keep`, whose one row the version
-- before reads. What is there is copied, so that the row of `seller` need not be written, which an operator may have set by SQL before V11.
CREATE TABLE sellers_to_keep (
    -- Listed in the order of its bytes.
    id     text COLLATE "C" CONSTRAINT sellers_to_keep_pkey PRIMARY KEY,
    seller json NOT NULL
);
INSERT INTO sellers_to_keep (id, seller) SELECT 'default', k.seller FROM seller_to_keep AS k;

CREATE FUNCTION sellers_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM sellers_to_keep;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM sellers_to_keep AS k WHERE k.id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO sellers_to_keep (id, seller) VALUES (NEW.id, seller_now(NEW.id));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER sellers_keep AFTER INSERT OR UPDATE OR DELETE ON seller
FOR EACH ROW EXECUTE FUNCTION sellers_keep();
CREATE TRIGGER sellers_keep_none AFTER TRUNCATE ON seller
FOR EACH STATEMENT EXECUTE FUNCTION sellers_keep();

CREATE OR REPLACE FUNCTION seller_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM seller_to_keep;
    INSERT INTO seller_to_keep (seller) SELECT seller_now() FROM seller AS s WHERE s.id = 'default';
    RETURN NULL;
END
$$;

-- How the numbers of the other sellers are formed, with the columns and rules of `series_settings`, which has those of the default seller:
-- the version before writes whole rows of that table, so it cannot have another column.
CREATE TABLE seller_series_settings (
    seller_id text CONSTRAINT seller_series_settings_pkey PRIMARY KEY,
    LIKE series_settings INCLUDING DEFAULTS INCLUDING CONSTRAINTS
);

CREATE TRIGGER seller_series_settings_keep AFTER INSERT OR UPDATE ON seller_series_settings
FOR EACH ROW EXECUTE FUNCTION series_settings_keep();
CREATE TRIGGER seller_series_settings_stay BEFORE DELETE OR TRUNCATE ON seller_series_settings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A new seller has numbers from the start. One that was deleted by SQL and comes back goes on with its series.
CREATE FUNCTION seller_begin_series() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seller_series_settings (seller_id) VALUES (NEW.id)
    ON CONFLICT ON CONSTRAINT seller_series_settings_pkey DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER seller_begin_series AFTER INSERT OR UPDATE OF id ON seller
FOR EACH ROW WHEN (NEW.id <> 'default') EXECUTE FUNCTION seller_begin_series();

-- A seller's settings as they were committed last, for the reason that V12 gives.
CREATE FUNCTION series_settings_now(seller_id text) RETURNS series_settings
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found series_settings;
BEGIN
    IF seller_id = 'default' THEN
        SELECT s.* INTO found FROM series_settings AS s;
    ELSE
        SELECT
            s.only_row, s.time_zone, s.invoice_format, s.invoice_prefix, s.invoice_is_yearly, s.invoice_start_number,
            s.credit_note_format, s.credit_note_prefix, s.credit_note_is_yearly, s.credit_note_start_number, s.set_at, s.api_key
        INTO found
        FROM seller_series_settings AS s
        WHERE s.seller_id = series_settings_now.seller_id;
    END IF;
    RETURN found;
END
$$;

-- The seller of an invoice that may have been committed while its statement waited for the lock of those that issue.
CREATE FUNCTION seller_of_invoice(invoice_id uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT seller_of_series(i.series) FROM invoices AS i WHERE i.id = seller_of_invoice.invoice_id);
END
$$;

-- As before, for one seller: other sellers' series may print the same numbers. Without that seller, `is_zone_known` is null, and nothing is
-- written.
CREATE FUNCTION set_series(
    seller_id text,
    new series_settings,
    OUT is_zone_known boolean,
    OUT invoice_first bigint, OUT invoice_most bigint,
    OUT credit_note_first bigint, OUT credit_note_most bigint
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    zone text;
BEGIN
    PERFORM pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint));
    IF series_settings_now(seller_id) IS NULL THEN
        RETURN;
    END IF;
    is_zone_known := EXISTS (SELECT 1 FROM pg_timezone_names AS z WHERE z.name = new.time_zone);
    zone := CASE WHEN is_zone_known THEN new.time_zone ELSE 'UTC' END;
    SELECT c.least_start, c.greatest_start INTO invoice_first, invoice_most
    FROM (
        SELECT
            max(s.last_number) FILTER (
                WHERE s.series = series_of_seller(seller_id, new.invoice_is_yearly, clock_timestamp(), zone)
            ) AS own,
            max(s.last_number) FILTER (WHERE (s.series ~ '(^|/)continuous$') = new.invoice_is_yearly) AS others
        FROM invoice_series AS s
        WHERE seller_of_series(s.series) = seller_id
    ) AS l, check_start_number(new.invoice_start_number, l.own, l.others) AS c;
    SELECT c.least_start, c.greatest_start INTO credit_note_first, credit_note_most
    FROM (
        SELECT
            max(s.last_number) FILTER (
                WHERE s.series = series_of_seller(seller_id, new.credit_note_is_yearly, clock_timestamp(), zone)
            ) AS own,
            max(s.last_number) FILTER (WHERE (s.series ~ '(^|/)continuous$') = new.credit_note_is_yearly) AS others
        FROM credit_note_series AS s
        WHERE seller_of_series(s.series) = seller_id
    ) AS l, check_start_number(new.credit_note_start_number, l.own, l.others) AS c;
    IF NOT is_zone_known OR coalesce(invoice_first, invoice_most, credit_note_first, credit_note_most) IS NOT NULL THEN
        RETURN;
    END IF;
    IF seller_id = 'default' THEN
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
    ELSE
        UPDATE seller_series_settings AS s
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
        WHERE s.seller_id = set_series.seller_id
            AND to_jsonb(s) - 'seller_id' - 'set_at' - 'api_key' <> to_jsonb(new) - 'set_at' - 'api_key';
    END IF;
    UPDATE invoice_series AS s SET prefix = new.invoice_prefix
    WHERE s.prefix <> new.invoice_prefix AND seller_of_series(s.series) = seller_id;
    UPDATE credit_note_series AS s SET prefix = new.credit_note_prefix
    WHERE s.prefix <> new.credit_note_prefix AND seller_of_series(s.series) = seller_id;
END
$$;

-- For the version before.
CREATE OR REPLACE FUNCTION set_series(
    new series_settings,
    OUT is_zone_known boolean,
    OUT invoice_first bigint, OUT invoice_most bigint,
    OUT credit_note_first bigint, OUT credit_note_most bigint
)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SELECT d.* INTO is_zone_known, invoice_first, invoice_most, credit_note_first, credit_note_most
    FROM set_series('default', new) AS d;
END
$$;

-- A prefix that is set by SQL on a series of the default seller counts for those to come, as before.
DROP TRIGGER invoice_series_keep_prefix ON invoice_series;
CREATE TRIGGER invoice_series_keep_prefix AFTER UPDATE OF prefix ON invoice_series
FOR EACH ROW WHEN (seller_of_series(NEW.series) = 'default') EXECUTE FUNCTION invoice_series_keep_prefix();
DROP TRIGGER credit_note_series_keep_prefix ON credit_note_series;
CREATE TRIGGER credit_note_series_keep_prefix AFTER UPDATE OF prefix ON credit_note_series
FOR EACH ROW WHEN (seller_of_series(NEW.series) = 'default') EXECUTE FUNCTION credit_note_series_keep_prefix();

-- No invoice has a number of another seller. Those that are there are the default seller's.
ALTER TABLE invoices
    ADD CONSTRAINT invoices_series_of_seller CHECK (seller_of_series(series) = coalesce(seller ->> 'id', 'default')) NOT VALID;

-- As in V12; to replace a function takes its rights away.
DO $$
DECLARE
    name text;
    path text := format('pg_catalog, %I, pg_temp', current_schema());
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'series_settings_now(text)', 'seller_of_invoice(uuid)', 'set_series(text, series_settings)', 'set_series(series_settings)'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %s', name, path);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['sellers_keep()', 'seller_keep()', 'seller_begin_series()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %s', name, path);
    END LOOP;
END
$$;
