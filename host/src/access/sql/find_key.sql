-- The key of an identifier, if it can be used now.
-- $1: the identifier.
-- The database's clock decides: it also wrote when the key ends. What is left is returned in milliseconds, null for no end.
SELECT secret_sha256,
       scopes,
       (extract(epoch FROM expires_at - now()) * 1000)::bigint
FROM api_keys
WHERE id = $1
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > now())
