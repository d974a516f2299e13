-- Whether the settings of a seller's series ever had this start number, which explains that numbers before it are missing.
--
-- Parameters:
--   setting  text  the member of the settings
--   number   int8
--   seller   text
SELECT EXISTS (
    SELECT 1 FROM series_settings_history AS h
    WHERE (h.settings ->> :setting)::bigint = :number AND coalesce(h.settings ->> 'seller_id', 'default') = :seller
) AS is_start_number
