-- One customer.
--
-- Parameters:
--   customer_id  text
SELECT
    id,
    name,
    email,
    address,
    state,
    zip_code,
    country,
    to_char(date_of_birth, 'YYYY-MM-DD') AS date_of_birth,
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at
FROM customers
WHERE id = :customer_id
