-- A customer with other data, unless another customer has the e-mail address. $1 customer, $2 name, $3 e-mail, $4 address, $5 state,
-- $6 postal code, $7 country, each null where it stays, $8 date of birth: empty where there is none any more, null where it stays.
WITH current AS (
    SELECT
        c.id,
        NOT EXISTS (
            SELECT 1
            FROM customers AS other
            WHERE lower(other.email) = lower(CAST($3 AS text)) AND other.id <> c.id
        ) AS is_email_free
    FROM customers AS c
    WHERE c.id = $1
), changed AS (
    UPDATE customers AS c
    SET
        name = coalesce(CAST($2 AS text), c.name),
        email = coalesce(CAST($3 AS text), c.email),
        address = coalesce(CAST($4 AS text), c.address),
        state = coalesce(CAST($5 AS text), c.state),
        zip_code = coalesce(CAST($6 AS text), c.zip_code),
        country = coalesce(CAST($7 AS text), c.country),
        date_of_birth = CASE
            WHEN CAST($8 AS text) IS NULL THEN c.date_of_birth
            ELSE nullif(CAST($8 AS text), '')::date
        END
    FROM current
    WHERE c.id = current.id AND current.is_email_free
    RETURNING c.id
)
SELECT
    EXISTS (SELECT 1 FROM current) AS is_known,
    EXISTS (SELECT 1 FROM changed) AS is_changed
