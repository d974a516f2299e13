-- Stores a secret in another form, unless it was replaced meanwhile.
--
-- Parameters:
--   endpoint_id  uuid
--   replaced_at  timestamptz or null  as the endpoint's secret; null if it is that
--   former_form  text
--   new_form     text
WITH former AS (
    UPDATE webhook_former_secrets
    SET secret = :new_form
    WHERE endpoint_id = :endpoint_id AND replaced_at = :replaced_at AND secret = :former_form
)
UPDATE webhook_endpoints
SET secret = :new_form
WHERE id = :endpoint_id AND :replaced_at IS NULL AND secret = :former_form
