-- How many events wait for their delivery.
SELECT count(*) AS pending
FROM outbox
WHERE set_aside_at IS NULL
