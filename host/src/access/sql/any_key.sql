-- Whether there is any key that can be used now.
SELECT EXISTS (
    SELECT
    FROM api_keys
    WHERE revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())
)
