-- Days of payments and credit notes that no later setting moves, longer VAT identifiers, and addresses without a postal code.
--
-- The version before neither reads nor needs what is new here; what it writes is allowed as before. Everything takes milliseconds.

-- The day of a moment in a time zone; in the other one where PostgreSQL does not know the first any more, as after a move to a system without
-- the old names of zones (`US/Eastern`): the history of settings keeps them for good.
CREATE FUNCTION day_in(at timestamptz, zone text, otherwise text) RETURNS date
LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    RETURN (day_in.at AT TIME ZONE day_in.zone)::date;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN (day_in.at AT TIME ZONE day_in.otherwise)::date;
END
$$;

-- The day of a moment in the time zone that the seller of a series had set then: the day on which an invoice was paid, as people read it.
-- Settings that came later move no day. What was before the first ones is of those. The version before has the same day from it. It runs
-- as the owner of the tables, since it reads one more than the service's role may.
CREATE OR REPLACE FUNCTION business_day(at timestamptz, series text) RETURNS date
LANGUAGE sql STABLE STRICT SECURITY DEFINER
RETURN day_in(
    business_day.at,
    (
        SELECT h.settings ->> 'time_zone'
        FROM series_settings_history AS h
        CROSS JOIN LATERAL (SELECT (h.settings ->> 'set_at')::timestamptz <= business_day.at AS was_set) AS found
        WHERE coalesce(h.settings ->> 'seller_id', 'default') = seller_of_series(business_day.series)
        ORDER BY found.was_set DESC, CASE WHEN found.was_set THEN -h.version ELSE h.version END
        LIMIT 1
    ),
    coalesce(
        (SELECT s.time_zone FROM seller_series_settings AS s WHERE s.seller_id = seller_of_series(business_day.series)),
        (SELECT s.time_zone FROM series_settings AS s)
    )
);

-- Each invoice of a list looks up the settings of its seller.
CREATE INDEX series_settings_history_of_seller ON series_settings_history ((coalesce(settings ->> 'seller_id', 'default')), version);

-- The seller and the day of issue of an invoice that may have been committed while its statement waited for the lock of those that issue.
-- In place of `seller_of_invoice`, which the version before calls.
CREATE FUNCTION issued_invoice(invoice_id uuid, OUT seller_id text, OUT issued_on date)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SELECT seller_of_series(i.series), coalesce(i.issued_on, (i.created_at AT TIME ZONE 'UTC')::date)
    INTO issued_invoice.seller_id, issued_invoice.issued_on
    FROM invoices AS i
    WHERE i.id = issued_invoice.invoice_id;
END
$$;

-- Identifiers of countries outside of Europe have up to 18 characters after the prefix. As before, rows that an operator has set by SQL are
-- not checked as they are.
ALTER TABLE seller
    DROP CONSTRAINT seller_vat_id_prefixed,
    ADD CONSTRAINT seller_vat_id_prefixed CHECK (
        vat_id ~ '^[A-Z]{2}[0-9A-Z+*]{2,20}$'
        AND (left(vat_id, 2) IN ('EL', 'XI') OR (left(vat_id, 2) <> 'GR' AND is_country(left(vat_id, 2))))
    ) NOT VALID,
    -- Some countries have no postal codes: the empty text, since the version before needs a text.
    DROP CONSTRAINT seller_zip_code_not_blank,
    ADD CONSTRAINT seller_zip_code_not_blank CHECK (zip_code = '' OR zip_code ~ '\S') NOT VALID;

-- As in V12.
DO $$
DECLARE
    name text;
    path text := format('pg_catalog, %I, pg_temp', current_schema());
BEGIN
    FOREACH name IN ARRAY ARRAY['day_in(timestamptz, text, text)', 'issued_invoice(uuid)'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %s', name, path);
    END LOOP;
END
$$;
