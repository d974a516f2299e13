-- Asks for the right to deliver, which one session of the database has at a time. It ends with the session.
SELECT pg_try_advisory_lock($1::bigint)
