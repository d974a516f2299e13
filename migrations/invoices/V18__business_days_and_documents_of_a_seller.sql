-- The business day of a series, and lists of one seller's documents.
--
-- The version before neither reads nor needs what is here.

-- The day of a moment in the time zone that the seller of a series has set: the day on which an invoice was paid, as people read it.
CREATE FUNCTION business_day(at timestamptz, series text) RETURNS date
LANGUAGE sql STABLE
RETURN (
    business_day.at AT TIME ZONE coalesce(
        (SELECT s.time_zone FROM seller_series_settings AS s WHERE s.seller_id = seller_of_series(business_day.series)),
        (SELECT s.time_zone FROM series_settings AS s)
    )
)::date;

-- Lists of one seller's invoices and credit notes, newest first (`GET /invoices?sellerId=`). Each index is built beside those who read, while
-- those who issue wait: a few seconds for a million invoices.
CREATE INDEX invoices_of_seller ON invoices ((seller_of_series(series)) COLLATE "C", id);
CREATE INDEX credit_notes_of_seller ON credit_notes ((seller_of_series(series)) COLLATE "C", id);
