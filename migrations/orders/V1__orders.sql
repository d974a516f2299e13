-- Orders, the customers who place them, and the events that tell others of them.
--
-- The columns of `customers` and `orders` are those of the system that Waybill replaces; what is new is named below.

-- Who may place an order. `id` is text because the replaced system's identifiers are no UUIDs.
CREATE TABLE customers (
    id            text        CONSTRAINT customers_pkey PRIMARY KEY,
    name          text        NOT NULL,
    email         text        NOT NULL,
    address       text        NOT NULL,
    state         text        NOT NULL,
    zip_code      text        NOT NULL,
    country       text        NOT NULL,
    date_of_birth date,
    -- A person has one account: two customers never share an e-mail address.
    CONSTRAINT customers_email_once UNIQUE (email)
);

-- The customer of an order that names none. The replaced system hard-coded this identifier, so its clients rely on it.
INSERT INTO customers (id, name, email, address, state, zip_code, country, date_of_birth)
VALUES ('1651654165', 'Default customer', 'customer@example.com', '1 Example Street', 'Berlin', '10115', 'DE', NULL);

-- What was ordered. New here: `currency`, and an `amount` in minor units that no float ever touched.
CREATE TABLE orders (
    -- A UUIDv7: it grows with time, so the primary key alone lists orders newest first.
    id          uuid        CONSTRAINT orders_pkey PRIMARY KEY,
    customer_id text        NOT NULL CONSTRAINT orders_customer_exists REFERENCES customers (id),
    -- Minor units (cents for EUR). The upper bound is the largest integer that JSON readers everywhere keep exact.
    amount      bigint      NOT NULL CONSTRAINT orders_amount_in_range CHECK (amount BETWEEN 1 AND 9007199254740991),
    -- ISO 4217.
    currency    text        NOT NULL DEFAULT 'EUR' CONSTRAINT orders_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    -- Text with a check instead of an enum: a new state is then one constraint away and readable on every host.
    status      text        NOT NULL DEFAULT 'pending'
                            CONSTRAINT orders_status_known CHECK (status IN ('pending', 'paid', 'canceled')),
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- The orders of one customer, newest first; also keeps the foreign key cheap to check.
CREATE INDEX orders_by_customer ON orders (customer_id, id DESC);

-- The transactional outbox: one row for each event that the transport has not yet confirmed. It is written by the
-- statement that changes the order, so an order without its event, or an event without its order, cannot exist. The
-- relay deletes a row only after the confirmation; an empty table means that everything was delivered.
CREATE TABLE outbox (
    -- The event's identifier, a UUIDv7, and the message's identifier on every transport. Rows are read in its order.
    -- There is no remembered position: a transaction that commits late would be skipped by it.
    id              uuid        CONSTRAINT outbox_pkey PRIMARY KEY,
    -- `order.created`; also the routing key.
    event_type      text        NOT NULL,
    -- Which order it is about. No foreign key: the row must never block, or be lost with, the order.
    order_id        uuid        NOT NULL,
    -- The message's body, byte for byte: `json` keeps the text as it was written, `jsonb` would not.
    payload         json        NOT NULL,
    -- W3C Trace Context of the request, so that the delivery continues its trace.
    traceparent     text,
    tracestate      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- Failed attempts so far, why the last one failed, and when the next one is due.
    attempts        integer     NOT NULL DEFAULT 0,
    last_error      text,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    -- Set when the relay gave up on the row: it stays here for an operator and is delivered again once this is cleared.
    set_aside_at    timestamptz
)
-- Rows live for milliseconds, so dead ones are the many: clean up by their number, not by a share of the live ones.
WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
