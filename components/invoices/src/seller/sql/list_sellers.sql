-- A page of sellers, as invoices would keep them now, in the order of their identifiers.
--
-- Parameters:
--   above  text  an identifier below all of the page
--   limit  int8
SELECT k.id, k.seller::text AS seller
FROM sellers_to_keep AS k
WHERE k.id > :above
ORDER BY k.id
LIMIT :limit
