-- Customers that are made and changed by the API, orders with lines that are paid and canceled, and the keys by which a
-- request that is sent again is known.

ALTER TABLE customers
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    -- ISO 3166-1, two letters. Not checked for rows that were there before: the replaced system took any text.
    ADD CONSTRAINT customers_country_code CHECK (country ~ '^[A-Z]{2}$') NOT VALID;

-- A mailbox is the same however its address is capitalised.
CREATE UNIQUE INDEX customers_email_once_in_any_case ON customers (lower(email));

-- Customers are listed by their identifiers, byte by byte: those of the API begin with their time.
CREATE INDEX customers_by_id_bytes ON customers (id COLLATE "C" DESC);

-- How often the order has changed; each of its events carries the number, so that a receiver can put them in order.
ALTER TABLE orders
    ADD COLUMN version integer NOT NULL DEFAULT 1 CONSTRAINT orders_version_natural CHECK (version >= 1),
    -- When it changed last; null while it never has. An audit gives the event of a change some time to arrive.
    ADD COLUMN changed_at timestamptz;

-- Pages of orders by state, and by state of one customer. Without these a rare state would be looked for in all orders.
CREATE INDEX orders_by_status ON orders (status, id DESC);
CREATE INDEX orders_by_customer_and_status ON orders (customer_id, status, id DESC);

-- What an order consists of, where the client has said so. The amount of such an order is the sum of its lines with tax.
CREATE TABLE order_lines (
    order_id    uuid    NOT NULL CONSTRAINT order_lines_order_exists REFERENCES orders (id),
    -- From 1, in the client's order.
    position    integer NOT NULL CONSTRAINT order_lines_position_natural CHECK (position >= 1),
    sku         text    NOT NULL,
    description text    NOT NULL,
    quantity    bigint  NOT NULL CONSTRAINT order_lines_quantity_natural CHECK (quantity >= 1),
    -- Minor units of the order's currency, without tax, for one piece.
    unit_price  bigint  NOT NULL CONSTRAINT order_lines_unit_price_not_negative CHECK (unit_price >= 0),
    -- Basis points: 1900 is 19 %.
    tax_rate    integer NOT NULL CONSTRAINT order_lines_tax_rate_in_range CHECK (tax_rate BETWEEN 0 AND 10000),
    CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, position)
);

-- Requests that carried an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), with the answer that they got. A row
-- is written by the statement that does what the request asks, so that a key without its effect, or an effect without its
-- key, cannot exist. Rows are never deleted: a client may come back with its key after any time.
CREATE TABLE idempotency_keys (
    key            text        CONSTRAINT idempotency_keys_pkey PRIMARY KEY,
    -- Lower-case hexadecimal SHA-256 of method, path and body: the same key with another request is a client's mistake.
    request_sha256 text        NOT NULL CONSTRAINT idempotency_keys_request_sha256 CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
    status         integer     NOT NULL CONSTRAINT idempotency_keys_status_success CHECK (status BETWEEN 200 AND 299),
    -- The header of that name, for answers that have one.
    location       text,
    -- The body, byte for byte.
    answer         text        NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);
