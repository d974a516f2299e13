-- How many events are pending, how many are parked, the age of the oldest pending one, in milliseconds, and the first pending one by
-- its identifier. The age is that of the clock, which may have been set back since.
SELECT count(*) FILTER (WHERE set_aside_at IS NULL),
       count(*) FILTER (WHERE set_aside_at IS NOT NULL),
       (extract(epoch FROM now() - min(created_at) FILTER (WHERE set_aside_at IS NULL)) * 1000)::bigint,
       (SELECT id FROM outbox WHERE set_aside_at IS NULL ORDER BY id LIMIT 1)
FROM outbox
