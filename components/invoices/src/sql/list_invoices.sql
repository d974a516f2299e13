-- A page of invoices, newest first. $1 an identifier above all of the page, $2 rows.
SELECT
    i.id::text AS id,
    s.prefix || i.series || '-' || lpad(i.number::text, greatest(6, length(i.number::text)), '0') AS number,
    i.order_id::text AS order_id,
    i.customer_id,
    i.amount,
    i.currency,
    to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
FROM invoices AS i
INNER JOIN invoice_series AS s ON s.series = i.series
WHERE i.id < $1
ORDER BY i.id DESC
LIMIT $2
