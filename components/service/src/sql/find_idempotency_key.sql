-- What a request with this key got for an answer. $1 the key.
SELECT request_sha256, status, coalesce(location, '') AS location, answer
FROM idempotency_keys
WHERE key = $1
