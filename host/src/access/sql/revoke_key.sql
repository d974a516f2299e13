-- Ends a key; one that was ended before keeps the time of that.
-- $1: its identifier. Returns its name.
UPDATE api_keys
SET revoked_at = coalesce(revoked_at, now())
WHERE id = $1
RETURNING name
