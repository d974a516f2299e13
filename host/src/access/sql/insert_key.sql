-- Makes a key.
-- $1: its identifier; $2: its name; $3: the hash of its secret; $4: its scopes; $5: seconds until it ends, null for never.
INSERT INTO api_keys (id, name, secret_sha256, scopes, expires_at)
VALUES ($1, $2, $3, $4, now() + $5::bigint * interval '1 second')
