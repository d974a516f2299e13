-- Ends waits and leases that began before the clock was set back, and removes secrets that count no more.
--
-- $1 milliseconds after which a lease has ended in any case, $2 milliseconds that are longer than any wait.
--
-- A delivery that was never tried does not wait. A wait that began in the future, or is longer than any, is one of before.
WITH expired AS (
    DELETE FROM webhook_former_secrets WHERE expires_at <= now()
)
UPDATE webhook_deliveries
SET
    next_attempt_at = CASE
        WHEN attempts = 0 OR postponed_at > now() OR next_attempt_at > now() + $2::bigint * interval '1 millisecond'
        THEN least(next_attempt_at, now())
        ELSE next_attempt_at
    END,
    leased_until = CASE
        WHEN leased_until <= now() + $1::bigint * interval '1 millisecond' THEN leased_until
    END
WHERE
    status = 'pending'
    AND (
        leased_until > now() + $1::bigint * interval '1 millisecond'
        OR next_attempt_at > now() AND (
            attempts = 0 OR postponed_at > now() OR next_attempt_at > now() + $2::bigint * interval '1 millisecond'
        )
    )
