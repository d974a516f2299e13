-- A customer with other data. $1 customer, $2 name, $3 e-mail, $4 address, $5 state, $6 postal code, $7 country, each null where
-- it stays, $8 date of birth: empty where there is none any more, null where it stays.
WITH changed AS (
    UPDATE customers
    SET
        name = coalesce($2, name),
        email = coalesce($3, email),
        address = coalesce($4, address),
        state = coalesce($5, state),
        zip_code = coalesce($6, zip_code),
        country = coalesce($7, country),
        date_of_birth = CASE
            WHEN CAST($8 AS text) IS NULL THEN date_of_birth
            ELSE nullif(CAST($8 AS text), '')::date
        END
    WHERE id = $1
    RETURNING id
)
SELECT count(*)::integer AS changed
FROM changed
