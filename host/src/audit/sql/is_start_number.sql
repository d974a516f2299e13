-- Whether the settings of a seller's series ever had this start number, which explains that numbers before it are missing. $1 the member of
-- the settings, $2 the number, $3 the seller.
SELECT EXISTS (
    SELECT 1 FROM series_settings_history AS h
    WHERE (h.settings ->> $1)::bigint = $2 AND coalesce(h.settings ->> 'seller_id', 'default') = $3
) AS is_start_number
