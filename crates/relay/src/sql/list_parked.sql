-- The parked events, the latest first.
-- $1: the most rows.
SELECT event_type,
       order_id,
       attempts,
       coalesce(last_error, ''),
       (extract(epoch FROM set_aside_at) * 1000000)::bigint
FROM outbox
WHERE set_aside_at IS NOT NULL
ORDER BY set_aside_at DESC, id
LIMIT $1::bigint
