-- How many events are pending, how many are parked, and the age of the oldest pending one, in milliseconds.
SELECT count(*) FILTER (WHERE set_aside_at IS NULL),
       count(*) FILTER (WHERE set_aside_at IS NOT NULL),
       (extract(epoch FROM now() - min(created_at) FILTER (WHERE set_aside_at IS NULL)) * 1000)::bigint
FROM outbox
