-- An Idempotency-Key belongs to the caller who sent it, as in the orders database, and no kept answer shows a webhook's secret.
--
-- The version before this one still runs while this is applied. It names neither of the new columns, and what their defaults say is
-- true of what it writes.
ALTER TABLE idempotency_keys
    -- The identifier of the API key that the request came with; empty where none was asked for. No foreign key: a gateway of others
    -- may name its callers too.
    ADD COLUMN caller          text    NOT NULL DEFAULT '',
    -- Written by a version that did not tell callers apart. Such a key counts for every caller, as it did then: its client may have
    -- lost the answer, and its next attempt must not have the effect once more.
    ADD COLUMN of_every_caller boolean NOT NULL DEFAULT true;

-- The constraint keeps its name, by which both versions know that a key is taken. The key comes first in it: the version before this
-- one looks keys up without their caller.
ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_pkey,
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key, caller);

-- The version before this one takes a key for free that a caller of this one has used. To it the key is taken, as it always was, so that
-- a request which is sent again while both versions run, or after going back, still has its effect once.
CREATE FUNCTION idempotency_keys_refuse_used() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM idempotency_keys AS k WHERE k.key = NEW.key) THEN
        RAISE EXCEPTION 'duplicate key value violates unique constraint "idempotency_keys_pkey"'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'idempotency_keys_pkey';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER idempotency_keys_refuse_used
BEFORE INSERT ON idempotency_keys
FOR EACH ROW WHEN (NEW.of_every_caller)
EXECUTE FUNCTION idempotency_keys_refuse_used();

-- The secret of an endpoint is shown once. The answers that were kept until now have it in clear, so whoever knew a key could read it
-- again, and so could whoever reads this table. What is left of the answer means what it meant, though its members may be in
-- another order.
UPDATE idempotency_keys
SET answer = (answer::jsonb - 'secret')::text
WHERE location LIKE '/webhook-endpoints/%' AND answer::jsonb ? 'secret';
