-- Ends waits and leases that began before the clock was set back, and removes secrets that count no more.
--
-- A delivery that was never tried does not wait. A wait that began in the future, or is longer than any, is one of before.
--
-- Parameters:
--   lease_ms    int8  milliseconds after which a lease has ended in any case
--   longest_ms  int8  milliseconds that are longer than any wait
WITH expired AS (
    DELETE FROM webhook_former_secrets WHERE expires_at <= now()
)
UPDATE webhook_deliveries
SET
    next_attempt_at = CASE
        WHEN attempts = 0 OR postponed_at > now() OR next_attempt_at > now() + :longest_ms * interval '1 millisecond'
        THEN least(next_attempt_at, now())
        ELSE next_attempt_at
    END,
    leased_until = CASE
        WHEN leased_until <= now() + :lease_ms * interval '1 millisecond' THEN leased_until
    END
WHERE
    status = 'pending'
    AND (
        leased_until > now() + :lease_ms * interval '1 millisecond'
        OR next_attempt_at > now() AND (
            attempts = 0 OR postponed_at > now() OR next_attempt_at > now() + :longest_ms * interval '1 millisecond'
        )
    )
