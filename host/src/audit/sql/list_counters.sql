-- Each series with its counter and its highest number, of one moment. $1 the series that invoices have: a counter may be
-- missing, and then the service begins its series anew.
SELECT
    known.series,
    s.last_number,
    coalesce((SELECT max(i.number) FROM invoices AS i WHERE i.series = known.series), 0) AS highest
FROM (SELECT series FROM invoice_series UNION SELECT unnest(CAST($1 AS text[]))) AS known (series)
LEFT JOIN invoice_series AS s ON s.series = known.series
ORDER BY known.series
