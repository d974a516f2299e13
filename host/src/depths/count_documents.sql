-- How many invoices and credit notes were issued: their numbers have no gap but where a start number skipped some, so the series
-- say it, and no invoice has to be read.
SELECT
    (SELECT coalesce(sum(last_number - skipped), 0)::bigint FROM invoice_series),
    (SELECT coalesce(sum(last_number - skipped), 0)::bigint FROM credit_note_series)
