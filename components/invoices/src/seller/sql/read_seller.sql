-- The seller as an invoice would keep it now.
--
-- Returns:
--   seller  text or null  JSON; null if there is none
SELECT (SELECT k.seller FROM seller_to_keep AS k)::text AS seller
