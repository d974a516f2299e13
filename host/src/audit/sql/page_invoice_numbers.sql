-- A page of invoice numbers, with the hash of each invoice as it is and its link to the one before. $1 series, $2 number and $3 invoice
-- before the page, $4 rows.
-- The invoice is part of the key so that a number that was given twice is met twice, also where a page ends between. It is compared by
-- itself: PostgreSQL takes no row for being behind all three in the last series, and would read and sort the table for each page.
-- The hash is that of invoice_sha256() (migration V12), which is not called: who can change an invoice can change a function.
SELECT
    i.series,
    i.number,
    i.id,
    coalesce(i.printed_number, i.prefix || i.series || '-' || lpad(i.number::text, greatest(6, length(i.number::text)), '0')) AS printed,
    i.chain_sha256,
    CASE WHEN i.chain_sha256 IS NOT NULL THEN sha256(convert_to(
        json_build_array(
            i.id, i.order_id, i.series, i.number, i.prefix, i.printed_number, i.issued_on,
            to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            i.event_id, i.customer_id, i.amount, i.currency, i.customer, i.lines, i.seller
        )::text || coalesce('document' || i.document::text, ''),
        'UTF8'
    )) END AS own_sha256,
    i.chain_sha256 IS NOT NULL OR i.number <= coalesce((
        SELECT h.last_number FROM hashed_documents AS h
        WHERE h.kind = 'invoice' AND h.series = i.series AND h.first_number <= i.number
        ORDER BY h.first_number DESC LIMIT 1
    ), 0) AS is_hashed,
    coalesce(i.seller ->> 'id', 'default') AS seller_id
FROM invoices AS i
WHERE (i.series, i.number) >= ($1, $2) AND NOT (i.series = $1 AND i.number = $2 AND i.id <= $3)
ORDER BY i.series, i.number, i.id
LIMIT $4
