-- Stores a secret in another form, unless it was replaced meanwhile.
-- $1 endpoint, $2 when it was replaced as the endpoint's secret or null if it is that, $3 the form until now, $4 the form from now on.
WITH former AS (
    UPDATE webhook_former_secrets
    SET secret = $4
    WHERE endpoint_id = $1 AND replaced_at = $2::timestamptz AND secret = $3
)
UPDATE webhook_endpoints
SET secret = $4
WHERE id = $1 AND $2::timestamptz IS NULL AND secret = $3
