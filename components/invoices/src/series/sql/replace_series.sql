-- How numbers and dates are formed from now on, unless that could print a number twice or the time zone is not known.
--
-- The lock is that of issue_invoice.sql. A series that begins because the numbering changes begins above all numbers of the others, since
-- both may print the same. Prefixes are those of existing series, too.
--
-- Parameters:
--   time_zone                 text
--   invoice_format            text
--   invoice_prefix            text
--   invoice_is_yearly         bool
--   invoice_start_number      int8
--   credit_note_format        text
--   credit_note_prefix        text
--   credit_note_is_yearly     bool
--   credit_note_start_number  int8
--   api_key                   text or null
-- Returns:
--   is_zone_known      bool
--   invoice_first      int8 or null  the least start number of invoices, if the given one is below it
--   credit_note_first  int8 or null  the same of credit notes
WITH zone AS MATERIALIZED (
    SELECT EXISTS (SELECT 1 FROM pg_timezone_names AS z WHERE z.name = :time_zone) AS is_known
), issue_lock AS MATERIALIZED (
    SELECT zone.is_known, pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))
    FROM zone
), used AS MATERIALIZED (
    SELECT
        issue_lock.is_known,
        (SELECT max(l.last_number) FROM (SELECT last_number FROM invoice_series FOR UPDATE) AS l) AS invoice_last,
        (SELECT max(l.last_number) FROM (SELECT last_number FROM credit_note_series FOR UPDATE) AS l) AS credit_note_last
    FROM issue_lock
), found AS MATERIALIZED (
    SELECT
        used.is_known,
        CASE
            WHEN s.invoice_is_yearly <> :invoice_is_yearly AND :invoice_start_number <= used.invoice_last
                THEN used.invoice_last + 1
        END AS invoice_first,
        CASE
            WHEN s.credit_note_is_yearly <> :credit_note_is_yearly AND :credit_note_start_number <= used.credit_note_last
                THEN used.credit_note_last + 1
        END AS credit_note_first
    FROM used
    CROSS JOIN series_settings AS s
), allowed AS MATERIALIZED (
    SELECT FROM found
    WHERE found.is_known AND found.invoice_first IS NULL AND found.credit_note_first IS NULL
), written AS (
    UPDATE series_settings AS s
    SET
        time_zone = :time_zone,
        invoice_format = :invoice_format,
        invoice_prefix = :invoice_prefix,
        invoice_is_yearly = :invoice_is_yearly,
        invoice_start_number = :invoice_start_number,
        credit_note_format = :credit_note_format,
        credit_note_prefix = :credit_note_prefix,
        credit_note_is_yearly = :credit_note_is_yearly,
        credit_note_start_number = :credit_note_start_number,
        set_at = clock_timestamp(),
        api_key = :api_key
    FROM allowed
    WHERE
        (
            s.time_zone,
            s.invoice_format,
            s.invoice_prefix,
            s.invoice_is_yearly,
            s.invoice_start_number,
            s.credit_note_format,
            s.credit_note_prefix,
            s.credit_note_is_yearly,
            s.credit_note_start_number
        ) IS DISTINCT FROM (
            :time_zone,
            :invoice_format,
            :invoice_prefix,
            :invoice_is_yearly,
            :invoice_start_number,
            :credit_note_format,
            :credit_note_prefix,
            :credit_note_is_yearly,
            :credit_note_start_number
        )
), invoices_renamed AS (
    UPDATE invoice_series AS s
    SET prefix = :invoice_prefix
    FROM allowed
    WHERE s.prefix <> :invoice_prefix
), credit_notes_renamed AS (
    UPDATE credit_note_series AS s
    SET prefix = :credit_note_prefix
    FROM allowed
    WHERE s.prefix <> :credit_note_prefix
)
SELECT
    found.is_known AS is_zone_known,
    found.invoice_first,
    found.credit_note_first
FROM found
