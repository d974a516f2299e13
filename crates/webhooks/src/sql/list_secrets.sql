-- Secrets that are not as the first key seals them.
--
-- Parameters:
--   prefix  text  of a secret that is
--   most    int8  rows of each table
(
    SELECT id AS endpoint_id, NULL::timestamptz AS replaced_at, secret, deleted_at IS NOT NULL AS is_deleted
    FROM webhook_endpoints
    WHERE NOT starts_with(secret, :prefix)
    LIMIT :most
) UNION ALL (
    SELECT endpoint_id, replaced_at, secret, false
    FROM webhook_former_secrets
    WHERE NOT starts_with(secret, :prefix)
    LIMIT :most
)
