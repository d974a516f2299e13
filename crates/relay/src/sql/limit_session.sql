-- Makes the server end this session, and so the lock, soon after its client is stopped or cut off.
-- $1: milliseconds without a statement; $2: milliseconds that a statement may take; $3 and $4: seconds until the first probe of a
-- silent connection, and between two; $5: probes without an answer; $6: milliseconds in which what was sent has to be confirmed.
-- A server that does not know one of the settings does without it.
SELECT set_config(given.name, given.value, false)
FROM (
    VALUES ('idle_session_timeout', $1::text),
           ('statement_timeout', $2::text),
           ('tcp_keepalives_idle', $3::text),
           ('tcp_keepalives_interval', $4::text),
           ('tcp_keepalives_count', $5::text),
           ('tcp_user_timeout', $6::text)
) AS given (name, value)
WHERE given.name IN (SELECT name FROM pg_settings)
