-- The invoice of an order, and its number. $1 invoice, $2 order, $3 customer, $4 amount, $5 currency.
--
-- The series' row stays locked from the taking of the number to the commit, so numbers are given in the order of commits;
-- a statement that fails gives its number back. now() is one instant throughout, so that the series is the year of
-- created_at, whose default it is.
WITH taken AS (
    INSERT INTO invoice_series AS s (series, last_number)
    SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY'), 1
    WHERE NOT EXISTS (SELECT FROM invoices WHERE order_id = $2)
    ON CONFLICT ON CONSTRAINT invoice_series_pkey DO UPDATE SET last_number = s.last_number + 1
    RETURNING series, last_number
), issued AS (
    INSERT INTO invoices (id, order_id, series, number, customer_id, amount, currency)
    SELECT
        CAST($1 AS uuid),
        $2,
        taken.series,
        taken.last_number,
        CAST($3 AS text),
        CAST($4 AS bigint),
        CAST($5 AS text)
    FROM taken
    RETURNING id
)
SELECT count(*)::integer AS issued
FROM issued
