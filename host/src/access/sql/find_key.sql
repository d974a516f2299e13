-- The key of an identifier, if it can be used now.
-- $1: the identifier; $2: the present time of this process.
-- A key ends when either clock says so: the database's wrote when it ends, but may have been set back since. What is left is returned in
-- milliseconds, null for no end.
SELECT secret_sha256,
       scopes,
       (extract(epoch FROM expires_at - greatest(now(), $2)) * 1000)::bigint
FROM api_keys
WHERE id = $1
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > greatest(now(), $2))
