-- A page of invoices, newest first, of one order, of one seller, of both or of all. The filters make branches, of which one runs; see
-- list_orders.sql of the orders. An order has one invoice, so that its seller needs no branch.
--
-- Parameters:
--   below      uuid  an identifier above all of the page
--   order_id   uuid or null
--   seller_id  text or null
--   limit      int8
SELECT
    i.id::text AS id,
    printed_number_of(i.printed_number, i.prefix, i.series, i.number) AS number,
    i.order_id::text AS order_id,
    i.customer_id,
    i.amount,
    i.currency,
    to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    to_char(coalesce(i.issued_on, (i.created_at AT TIME ZONE 'UTC')::date), 'YYYY-MM-DD') AS issue_date,
    CASE WHEN c.id IS NOT NULL THEN 'credited' WHEN s.paid_at IS NOT NULL THEN 'paid' ELSE 'issued' END AS status,
    to_char(s.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS paid_at,
    to_char(business_day(s.paid_at, i.series), 'YYYY-MM-DD') AS payment_date,
    CASE WHEN c.id IS NOT NULL THEN json_build_object(
        'id', c.id,
        'number', printed_number_of(c.printed_number, c.prefix, c.series, c.number),
        'createdAt', to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'issueDate', to_char(coalesce(c.issued_on, (c.created_at AT TIME ZONE 'UTC')::date), 'YYYY-MM-DD')
    )::text END AS credit_note,
    i.customer::text AS customer,
    i.lines::text AS lines,
    i.document::text AS document,
    seller_of_series(i.series) AS seller_id,
    i.seller::text AS seller,
    to_char(
        coalesce(i.issued_on, (i.created_at AT TIME ZONE 'UTC')::date)
            + coalesce(i.customer ->> 'paymentDays', i.seller ->> 'paymentDays')::integer,
        'YYYY-MM-DD'
    ) AS due_date
FROM (
    (
        SELECT * FROM invoices
        WHERE :order_id IS NULL AND :seller_id IS NULL AND id < :below
        ORDER BY id DESC LIMIT :limit
    ) UNION ALL (
        SELECT * FROM invoices
        WHERE
            :order_id IS NULL AND :seller_id IS NOT NULL
            -- The rows of one seller, said so that only the index of sellers has them in order.
            AND seller_of_series(series) COLLATE "C" >= :seller_id
            AND (seller_of_series(series) COLLATE "C", id) < (:seller_id, :below)
        ORDER BY seller_of_series(series) COLLATE "C" DESC, id DESC LIMIT :limit
    ) UNION ALL (
        SELECT * FROM invoices
        WHERE order_id = :order_id AND (:seller_id IS NULL OR seller_of_series(series) COLLATE "C" = :seller_id)
            AND id < :below
    )
) AS i
LEFT JOIN order_states AS s ON s.order_id = i.order_id
LEFT JOIN credit_notes AS c ON c.invoice_id = i.id
ORDER BY i.id DESC
LIMIT :limit
