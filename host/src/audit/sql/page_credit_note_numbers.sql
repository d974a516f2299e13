-- A page of credit note numbers. $1 series, $2 number and $3 credit note before the page, $4 rows.
-- The credit note is part of the key so that a number that was given twice is met twice, also where a page ends between.
SELECT
    series,
    number,
    id
FROM credit_notes
WHERE (series, number, id) > ($1, $2, $3)
ORDER BY series, number, id
LIMIT $4
