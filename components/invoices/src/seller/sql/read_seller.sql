-- A seller as an invoice would keep it now.
--
-- Parameters:
--   seller_id  text
-- Returns:
--   seller  text or null  JSON; null if there is none
SELECT (SELECT k.seller FROM sellers_to_keep AS k WHERE k.id = :seller_id)::text AS seller
