-- Makes a key.
--
-- Parameters:
--   id             text
--   name           text
--   secret_sha256  bytea
--   scopes         text[]
--   lifetime_s     int8 or null  seconds until it ends, null for never
INSERT INTO api_keys (id, name, secret_sha256, scopes, expires_at)
VALUES (:id, :name, :secret_sha256, :scopes, now() + :lifetime_s * interval '1 second')
