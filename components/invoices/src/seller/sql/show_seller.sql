-- The seller as an invoice would keep it now, as JSON; null if there is none.
SELECT seller_now()::text AS seller
