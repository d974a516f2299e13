-- The API keys by which callers of the invoices service are known. `waybill keys create` makes them; Waybill's own host checks
-- them before the service is called.

-- A key is `wbk_ID_SECRET`, and this table is not enough to make one: it has the identifier, and a hash of the secret. A key
-- for both services has a row of the same identifier and hash in both databases, each with that service's scopes.
CREATE TABLE api_keys (
    -- No secret: it tells keys apart in lists, traces and logs.
    id            text        CONSTRAINT api_keys_pkey PRIMARY KEY
                              CONSTRAINT api_keys_id_hexadecimal CHECK (id ~ '^[0-9a-f]{12}$'),
    -- Whose it is, or what for, in the words of whoever made it. Without control characters, which a terminal would obey.
    name          text        NOT NULL CONSTRAINT api_keys_name_short CHECK (name ~ '^[^[:cntrl:]]{1,100}$'),
    -- SHA-256 of the secret's 32 random bytes. No salt and no slow hash: those make up for secrets that can be guessed.
    secret_sha256 bytea       NOT NULL CONSTRAINT api_keys_secret_sha256_length CHECK (octet_length(secret_sha256) = 32),
    -- What it may do; a key that may do nothing would only look like one that works.
    scopes        text[]      NOT NULL
                              CONSTRAINT api_keys_scopes_some CHECK (cardinality(scopes) >= 1)
                              CONSTRAINT api_keys_scopes_known CHECK (
                                  scopes <@ ARRAY['invoices:read', 'webhooks:read', 'webhooks:write']
                              ),
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- When it ends by itself; null for never.
    expires_at    timestamptz,
    -- When somebody ended it. The row stays: what the key did may be asked later.
    revoked_at    timestamptz
);
