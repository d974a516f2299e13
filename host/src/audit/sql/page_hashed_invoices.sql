-- A page of the hashes of invoices from before they were linked, and whether the invoices still have them. $1 series and $2 first number
-- before the page, $3 rows.
SELECT
    h.series,
    h.first_number,
    h.last_number,
    h.sha256 IS NOT DISTINCT FROM (
        SELECT sha256(string_agg(sha256(convert_to(
            json_build_array(
                i.id, i.order_id, i.series, i.number, i.prefix, i.printed_number, i.issued_on,
                to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                i.event_id, i.customer_id, i.amount, i.currency, i.customer, i.lines, i.seller
            )::text || coalesce('document' || i.document::text, ''),
            'UTF8'
        )), ''::bytea ORDER BY i.number))
        FROM invoices AS i
        WHERE i.series = h.series AND i.number BETWEEN h.first_number AND h.last_number
    ) AS is_same,
    h.sha256
FROM hashed_documents AS h
WHERE h.kind = 'invoice' AND (h.series, h.first_number) > ($1, $2)
ORDER BY h.series, h.first_number
LIMIT $3
