-- Whether a presented token is that of the setting waybill.events_token, which the host sets when it opens the session. Only hashes
-- are compared, so neither the statement's parameters nor the time of a comparison disclose anything about a token.
--
-- Parameters:
--   sha256  text  of the presented token, in lower-case hexadecimal
-- Returns:
--   verdict  int4  0 no token is set, 1 another token, 2 the right one
SELECT CASE
    WHEN coalesce(current_setting('waybill.events_token', true), '') = '' THEN 0
    WHEN encode(sha256(convert_to(current_setting('waybill.events_token', true), 'UTF8')), 'hex') = :sha256 THEN 2
    ELSE 1
END AS verdict
