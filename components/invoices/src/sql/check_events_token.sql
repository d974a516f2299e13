-- Whether a presented token is that of the setting waybill.events_token, which whoever opened the session has set.
-- $1 the lower-case hexadecimal SHA-256 of what was presented: only hashes are compared, so that neither the statement's
-- parameters nor the time that a comparison takes tell anything of a token. 0 none is set, 1 another one, 2 the right one.
SELECT CASE
    WHEN coalesce(current_setting('waybill.events_token', true), '') = '' THEN 0
    WHEN encode(sha256(convert_to(current_setting('waybill.events_token', true), 'UTF8')), 'hex') = $1 THEN 2
    ELSE 1
END AS verdict
