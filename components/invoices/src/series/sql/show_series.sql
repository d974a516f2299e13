-- The settings of a seller's series, as JSON; null if there is no such seller.
--
-- Parameters:
--   seller_id  text
SELECT CASE WHEN s.time_zone IS NOT NULL THEN
    json_build_object(
        'timeZone', s.time_zone,
        'invoiceFormat', s.invoice_format,
        'invoicePrefix', s.invoice_prefix,
        'invoiceNumbering', CASE WHEN s.invoice_is_yearly THEN 'yearly' ELSE 'continuous' END,
        'invoiceStartNumber', s.invoice_start_number,
        'creditNoteFormat', s.credit_note_format,
        'creditNotePrefix', s.credit_note_prefix,
        'creditNoteNumbering', CASE WHEN s.credit_note_is_yearly THEN 'yearly' ELSE 'continuous' END,
        'creditNoteStartNumber', s.credit_note_start_number
    )::text
END AS settings
FROM series_settings_now(:seller_id) AS s
