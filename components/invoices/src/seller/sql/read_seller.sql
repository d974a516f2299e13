-- The seller as an invoice would keep it now.
--
-- Returns:
--   seller  text or null  JSON; null if there is none
SELECT seller_kept()::text AS seller
