-- The settings of the series, as JSON.
SELECT
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
    )::text AS settings
FROM series_settings AS s
