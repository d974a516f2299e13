-- Whether the settings of the series ever had this start number, which explains that numbers before it are missing. $1 the member of the
-- settings, $2 the number.
SELECT EXISTS (
    SELECT 1 FROM series_settings_history AS h
    WHERE (h.settings ->> $1)::bigint = $2
) AS is_start_number
