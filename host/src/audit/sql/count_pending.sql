-- How many events wait for their delivery.
SELECT count(*) AS waiting
FROM outbox
WHERE set_aside_at IS NULL
