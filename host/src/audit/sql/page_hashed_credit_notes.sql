-- A page of the hashes of credit notes from before they were linked, and whether the credit notes still have them. $1 series and $2 first
-- number before the page, $3 rows.
SELECT
    h.series,
    h.first_number,
    h.last_number,
    h.sha256 IS NOT DISTINCT FROM (
        SELECT sha256(string_agg(sha256(convert_to(
            json_build_array(
                c.id, c.invoice_id, c.series, c.number, c.prefix, c.printed_number, c.issued_on,
                to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            )::text,
            'UTF8'
        )), ''::bytea ORDER BY c.number))
        FROM credit_notes AS c
        WHERE c.series = h.series AND c.number BETWEEN h.first_number AND h.last_number
    ) AS is_same,
    h.sha256
FROM hashed_documents AS h
WHERE h.kind = 'credit note' AND (h.series, h.first_number) > ($1, $2)
ORDER BY h.series, h.first_number
LIMIT $3
