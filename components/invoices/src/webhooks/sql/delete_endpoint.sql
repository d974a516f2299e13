-- Deletes an endpoint and gives up what was still to be delivered to it. $1 its identifier.
WITH gone AS (
    UPDATE webhook_endpoints
    SET deleted_at = now()
    WHERE id = $1 AND deleted_at IS NULL
    RETURNING id
), given_up AS (
    UPDATE webhook_deliveries AS d
    SET status = 'failed', ended_at = now()
    FROM gone
    WHERE d.endpoint_id = gone.id AND d.status = 'pending'
)
SELECT count(*)::integer AS gone
FROM gone
