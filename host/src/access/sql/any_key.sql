-- Whether there is any key that can be used now.
-- $1: the present time of this process; see find_key.sql.
SELECT EXISTS (
    SELECT
    FROM api_keys
    WHERE revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > greatest(now(), $1))
)
