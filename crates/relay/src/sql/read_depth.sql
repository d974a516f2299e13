-- How many events wait, how many are set aside, and the age of the oldest that waits, in milliseconds.
SELECT count(*) FILTER (WHERE set_aside_at IS NULL),
       count(*) FILTER (WHERE set_aside_at IS NOT NULL),
       (extract(epoch FROM now() - min(created_at) FILTER (WHERE set_aside_at IS NULL)) * 1000)::bigint
FROM outbox
