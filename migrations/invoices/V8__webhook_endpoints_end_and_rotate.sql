-- Webhook endpoints that their receiver has ended, secrets that are replaced and encrypted, and waits that survive a clock that is set back.
--
-- The version before this one names its columns, so it neither reads nor writes these. While it runs, it goes on posting to a disabled
-- endpoint and signs with the new secret only.
ALTER TABLE webhook_endpoints
    -- The receiver answered 410 Gone: nothing is written for it or posted to it until it is enabled again.
    ADD COLUMN disabled_at timestamptz;

-- A secret is `whsec_` and base64, or `sealed:`, an identifier of the key and the base64 of nonce and ciphertext (AES-256-GCM). The process
-- that delivers webhooks seals secrets when it has a key; the version before this one cannot sign with a sealed one, so the key is set
-- when no process of that version runs any more.
ALTER TABLE webhook_endpoints
    DROP CONSTRAINT webhook_endpoints_secret_form,
    ADD CONSTRAINT webhook_endpoints_secret_form CHECK (
        secret ~ '^(whsec_[A-Za-z0-9+/]{32,}=*|sealed:[0-9a-f]{8}:[A-Za-z0-9+/]{32,}=*)$'
    );

-- Secrets that were replaced. Webhooks are signed with them too until they expire, so that a receiver can change to the new one in between.
CREATE TABLE webhook_former_secrets (
    -- No foreign key: nothing deletes an endpoint.
    endpoint_id uuid        NOT NULL,
    secret      text        NOT NULL CONSTRAINT webhook_former_secrets_form CHECK (
        secret ~ '^(whsec_[A-Za-z0-9+/]{32,}=*|sealed:[0-9a-f]{8}:[A-Za-z0-9+/]{32,}=*)$'
    ),
    replaced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    CONSTRAINT webhook_former_secrets_pkey PRIMARY KEY (endpoint_id, replaced_at)
);

ALTER TABLE webhook_deliveries
    -- When the wait for the next attempt began; null for rows of the version before. If that is still to come, the clock was set back, and
    -- the wait is over.
    ADD COLUMN postponed_at timestamptz;
