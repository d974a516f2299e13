-- A page of credit notes, newest first, of one seller or of all. The filter makes two branches, of which one runs; see list_orders.sql of
-- the orders.
--
-- Parameters:
--   below      uuid  an identifier above all of the page
--   seller_id  text or null
--   limit      int8
SELECT
    c.id::text AS id,
    printed_number_of(c.printed_number, c.prefix, c.series, c.number) AS number,
    to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    to_char(coalesce(c.issued_on, (c.created_at AT TIME ZONE 'UTC')::date), 'YYYY-MM-DD') AS issue_date,
    json_build_object(
        'id', i.id,
        'number', printed_number_of(i.printed_number, i.prefix, i.series, i.number),
        'createdAt', to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'issueDate', to_char(coalesce(i.issued_on, (i.created_at AT TIME ZONE 'UTC')::date), 'YYYY-MM-DD')
    )::text AS invoice,
    i.order_id::text AS order_id,
    i.customer_id,
    i.amount,
    i.currency,
    i.customer::text AS customer,
    i.lines::text AS lines,
    i.document::text AS document,
    seller_of_series(i.series) AS seller_id,
    i.seller::text AS seller
FROM (
    (
        SELECT * FROM credit_notes
        WHERE :seller_id IS NULL AND id < :below
        ORDER BY id DESC LIMIT :limit
    ) UNION ALL (
        SELECT * FROM credit_notes
        WHERE
            :seller_id IS NOT NULL
            -- The rows of one seller, said so that only the index of sellers has them in order.
            AND seller_of_series(series) COLLATE "C" >= :seller_id
            AND (seller_of_series(series) COLLATE "C", id) < (:seller_id, :below)
        ORDER BY seller_of_series(series) COLLATE "C" DESC, id DESC LIMIT :limit
    )
) AS c
JOIN invoices AS i ON i.id = c.invoice_id
ORDER BY c.id DESC
LIMIT :limit
