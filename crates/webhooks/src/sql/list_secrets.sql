-- Secrets that are not as the first key seals them.
-- $1 the prefix of a secret that is, $2 the most rows of each table.
(
    SELECT id AS endpoint_id, NULL::timestamptz AS replaced_at, secret, deleted_at IS NOT NULL AS is_deleted
    FROM webhook_endpoints
    WHERE NOT starts_with(secret, $1)
    LIMIT $2
) UNION ALL (
    SELECT endpoint_id, replaced_at, secret, false
    FROM webhook_former_secrets
    WHERE NOT starts_with(secret, $1)
    LIMIT $2
)
