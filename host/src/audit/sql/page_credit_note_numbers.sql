-- A page of credit note numbers, as page_invoice_numbers.sql has those of invoices. $1 series, $2 number and $3 credit note before the
-- page, $4 rows.
SELECT
    c.series,
    c.number,
    c.id,
    coalesce(c.printed_number, c.prefix || c.series || '-' || lpad(c.number::text, greatest(6, length(c.number::text)), '0')) AS printed,
    c.chain_sha256,
    CASE WHEN c.chain_sha256 IS NOT NULL THEN sha256(convert_to(
        json_build_array(
            c.id, c.invoice_id, c.series, c.number, c.prefix, c.printed_number, c.issued_on,
            to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )::text,
        'UTF8'
    )) END AS own_sha256,
    c.chain_sha256 IS NOT NULL OR c.number <= coalesce((
        SELECT h.last_number FROM hashed_documents AS h
        WHERE h.kind = 'credit note' AND h.series = c.series AND h.first_number <= c.number
        ORDER BY h.first_number DESC LIMIT 1
    ), 0) AS is_hashed,
    (SELECT coalesce(i.seller ->> 'id', 'default') FROM invoices AS i WHERE i.id = c.invoice_id) AS seller_id
FROM credit_notes AS c
WHERE (c.series, c.number) >= ($1, $2) AND NOT (c.series = $1 AND c.number = $2 AND c.id <= $3)
ORDER BY c.series, c.number, c.id
LIMIT $4
