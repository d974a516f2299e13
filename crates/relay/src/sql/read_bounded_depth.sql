-- As `read_depth.sql`, at a bounded cost: of the first events only, by their identifiers, which grow with time.
-- $1: the most events.
WITH first_ones AS MATERIALIZED (
    SELECT id, created_at, set_aside_at FROM outbox ORDER BY id LIMIT $1::bigint
)
SELECT count(*) FILTER (WHERE set_aside_at IS NULL),
       count(*) FILTER (WHERE set_aside_at IS NOT NULL),
       (extract(epoch FROM now() - min(created_at) FILTER (WHERE set_aside_at IS NULL)) * 1000)::bigint,
       (SELECT id FROM first_ones WHERE set_aside_at IS NULL ORDER BY id LIMIT 1)
FROM first_ones
