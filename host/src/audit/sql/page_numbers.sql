-- A page of invoice numbers. $1 series and $2 number before the page, $3 rows.
SELECT
    series,
    number
FROM invoices
WHERE (series, number) > ($1, $2)
ORDER BY series, number
LIMIT $3
