-- A page of invoice numbers. $1 series, $2 number and $3 invoice before the page, $4 rows.
-- The invoice is part of the key so that a number that was given twice is met twice, also where a page ends between.
SELECT
    series,
    number,
    id
FROM invoices
WHERE (series, number, id) > ($1, $2, $3)
ORDER BY series, number, id
LIMIT $4
