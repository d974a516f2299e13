-- Numbers that one seller printed on two credit notes or more, each with the last of them. A thousand at most, so that the report ends.
SELECT
    p.printed,
    (array_agg(p.id ORDER BY p.id DESC))[1] AS document
FROM (
    SELECT
        d.id,
        CASE WHEN strpos(d.series, '/') > 0 THEN split_part(d.series, '/', 1) ELSE 'default' END AS seller_id,
        coalesce(d.printed_number, d.prefix || d.series || '-' || lpad(d.number::text, greatest(6, length(d.number::text)), '0')) AS printed
    FROM credit_notes AS d
) AS p
GROUP BY p.printed, p.seller_id
HAVING count(*) > 1
ORDER BY p.printed, p.seller_id
LIMIT 1000
