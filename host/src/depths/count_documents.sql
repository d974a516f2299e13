-- How many invoices and credit notes were issued: their numbers have no gap, so the counters of the series say it, and no invoice
-- has to be read.
SELECT
    (SELECT coalesce(sum(last_number), 0)::bigint FROM invoice_series),
    (SELECT coalesce(sum(last_number), 0)::bigint FROM credit_note_series)
