-- Deletes an endpoint and cancels its pending deliveries.
--
-- Parameters:
--   endpoint_id  uuid
-- Returns:
--   deleted  int4  1, or 0 if there is no such endpoint
WITH deleted AS (
    UPDATE webhook_endpoints
    SET deleted_at = now()
    WHERE id = :endpoint_id AND deleted_at IS NULL
    RETURNING id
), canceled AS (
    UPDATE webhook_deliveries AS d
    SET status = 'failed', ended_at = now()
    FROM deleted
    WHERE d.endpoint_id = deleted.id AND d.status = 'pending'
)
SELECT count(*)::integer AS deleted
FROM deleted
