-- Whether the database answers.
--
-- Returns:
--   one  int4
SELECT 1 AS one
