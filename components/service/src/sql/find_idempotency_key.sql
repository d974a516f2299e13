-- What a request with this key got for an answer. $1 the key, $2 the caller.
SELECT request_sha256, status, coalesce(location, '') AS location, answer
FROM idempotency_keys
WHERE key = $1 AND (caller = $2 OR of_every_caller)
-- The caller's own first.
ORDER BY of_every_caller
LIMIT 1
