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
    c.chain_sha256 IS NOT NULL OR EXISTS (
        SELECT 1 FROM hashed_documents AS h
        WHERE h.kind = 'credit note' AND h.series = c.series AND c.number BETWEEN h.first_number AND h.last_number
    ) AS is_hashed
FROM credit_notes AS c
WHERE (c.series, c.number, c.id) > ($1, $2, $3)
ORDER BY c.series, c.number, c.id
LIMIT $4
