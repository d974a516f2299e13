-- The key of an identifier, if it can be used now.
--
-- A key ends when either clock says so: the database's wrote when it ends, but may have been set back since. What is left is returned in
-- milliseconds, null for no end.
--
-- Parameters:
--   id   text
--   now  timestamptz  the present time of this process
SELECT secret_sha256,
       scopes,
       (extract(epoch FROM expires_at - greatest(now(), :now)) * 1000)::bigint
FROM api_keys
WHERE id = :id
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > greatest(now(), :now))
