-- How the numbers and dates of a seller are formed from now on, unless that could print a number twice or the time zone is not known.
--
-- The function takes the lock of those that issue before it reads anything (migration V15). Prefixes are those of existing series, too.
--
-- Parameters:
--   seller_id                 text
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
--   is_seller_known    bool           nothing is written if not
--   is_zone_known      bool
--   invoice_first      int8 or null  the least start number of invoices, if the given one is below it
--   invoice_most       int8 or null  the greatest one, if the given one is above it
--   credit_note_first  int8 or null  the same of credit notes
--   credit_note_most   int8 or null
SELECT
    done.is_zone_known IS NOT NULL AS is_seller_known,
    coalesce(done.is_zone_known, false) AS is_zone_known,
    done.invoice_first,
    done.invoice_most,
    done.credit_note_first,
    done.credit_note_most
FROM set_series(
    :seller_id,
    ROW(
        true,
        :time_zone,
        :invoice_format,
        :invoice_prefix,
        :invoice_is_yearly,
        :invoice_start_number,
        :credit_note_format,
        :credit_note_prefix,
        :credit_note_is_yearly,
        :credit_note_start_number,
        clock_timestamp(),
        :api_key
    )::series_settings
) AS done
