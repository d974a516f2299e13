-- A page of credit notes, newest first.
--
-- Parameters:
--   below  uuid  an identifier above all of the page
--   limit  int8
SELECT
    c.id::text AS id,
    c.prefix || c.series || '-' || lpad(c.number::text, greatest(6, length(c.number::text)), '0') AS number,
    to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    json_build_object(
        'id', i.id,
        'number', i.prefix || i.series || '-' || lpad(i.number::text, greatest(6, length(i.number::text)), '0'),
        'createdAt', to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )::text AS invoice,
    i.order_id::text AS order_id,
    i.customer_id,
    i.amount,
    i.currency,
    i.customer::text AS customer,
    i.lines::text AS lines,
    i.document::text AS document,
    i.seller::text AS seller
FROM credit_notes AS c
JOIN invoices AS i ON i.id = c.invoice_id
WHERE c.id < :below
ORDER BY c.id DESC
LIMIT :limit
