-- Each series with its counter and its highest number, of one moment.
SELECT
    s.series,
    s.last_number,
    coalesce((SELECT max(i.number) FROM invoices AS i WHERE i.series = s.series), 0) AS highest
FROM invoice_series AS s
ORDER BY s.series
