-- A customer with other data, unless another customer has the e-mail address. Null keeps a value.
--
-- Parameters:
--   customer_id    text
--   name           text or null
--   email          text or null
--   address        text or null
--   state          text or null
--   zip_code       text or null
--   country        text or null
--   date_of_birth  text or null empty to remove it
-- Returns:
--   is_known    bool
--   is_changed  bool
WITH current AS (
    SELECT
        c.id,
        NOT EXISTS (
            SELECT 1
            FROM customers AS other
            WHERE lower(other.email) = lower(:email) AND other.id <> c.id
        ) AS is_email_free
    FROM customers AS c
    WHERE c.id = :customer_id
), changed AS (
    UPDATE customers AS c
    SET
        name = coalesce(:name, c.name),
        email = coalesce(:email, c.email),
        address = coalesce(:address, c.address),
        state = coalesce(:state, c.state),
        zip_code = coalesce(:zip_code, c.zip_code),
        country = coalesce(:country, c.country),
        date_of_birth = CASE
            WHEN :date_of_birth IS NULL THEN c.date_of_birth
            ELSE nullif(:date_of_birth, '')::date
        END
    FROM current
    WHERE c.id = current.id AND current.is_email_free
    RETURNING c.id
)
SELECT
    EXISTS (SELECT 1 FROM current) AS is_known,
    EXISTS (SELECT 1 FROM changed) AS is_changed
