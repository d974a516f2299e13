-- The answer to an earlier request with this key.
--
-- Parameters:
--   key     text
--   caller  text
-- Returns:
--   request_sha256  text
--   status          int4
--   location        text or null
--   answer          text
SELECT request_sha256, status, location, answer
FROM idempotency_keys
WHERE key = :key AND (caller = :caller OR of_every_caller)
-- The caller's own first.
ORDER BY of_every_caller
LIMIT 1
