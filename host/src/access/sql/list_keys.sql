-- All keys, the latest first. Times are RFC 3339 texts.
-- $1: the present time of this process; see find_key.sql.
SELECT id,
       name,
       scopes,
       to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(revoked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       CASE
           WHEN revoked_at IS NOT NULL THEN 'revoked'
           WHEN expires_at <= greatest(now(), $1) THEN 'expired'
           ELSE 'valid'
       END
FROM api_keys
ORDER BY created_at DESC, id
