-- Makes the server end this session, and so the lock, soon after its client is stopped or cut off. A server that does not know one of
-- the settings does without it.
--
-- Parameters:
--   idle_ms         text  milliseconds without a statement
--   statement_ms    text  milliseconds that a statement may take
--   first_probe_s   text  seconds until the first probe of a silent connection
--   next_probe_s    text  seconds between two
--   probes          text  without an answer
--   unconfirmed_ms  text  milliseconds in which what was sent has to be confirmed
SELECT set_config(given.name, given.value, false)
FROM (
    VALUES ('idle_session_timeout', :idle_ms),
           ('statement_timeout', :statement_ms),
           ('tcp_keepalives_idle', :first_probe_s),
           ('tcp_keepalives_interval', :next_probe_s),
           ('tcp_keepalives_count', :probes),
           ('tcp_user_timeout', :unconfirmed_ms)
) AS given (name, value)
WHERE given.name IN (SELECT name FROM pg_settings)
