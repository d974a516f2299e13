-- Webhooks: whoever wants to hear of invoices names an address, and is told of each.

-- Where events go.
CREATE TABLE webhook_endpoints (
    -- A UUIDv7.
    id          uuid        CONSTRAINT webhook_endpoints_pkey PRIMARY KEY,
    url         text        NOT NULL,
    description text        NOT NULL,
    -- The types that it wants to hear of, at least one.
    event_types text[]      NOT NULL CONSTRAINT webhook_endpoints_event_types_some CHECK (cardinality(event_types) >= 1),
    -- The key of its signatures, in the form of Standard Webhooks. It cannot be kept as a hash: to sign needs the key itself.
    secret      text        NOT NULL CONSTRAINT webhook_endpoints_secret_form CHECK (secret ~ '^whsec_[A-Za-z0-9+/]{32,}=*$'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- A deleted endpoint gets nothing more; the log of what it got stays.
    deleted_at  timestamptz
);

-- What has happened to an invoice. A row is written by the statement that makes it happen, where an endpoint wants to hear of
-- it. There is no body: an invoice never changes, so that what is told of it is read when it is sent.
CREATE TABLE webhook_events (
    -- A UUIDv7; the receiver knows an event that comes twice by it.
    id         uuid        CONSTRAINT webhook_events_pkey PRIMARY KEY,
    event_type text        NOT NULL
        CONSTRAINT webhook_events_type_known CHECK (event_type IN ('invoice.issued', 'invoice.paid', 'invoice.credited')),
    -- No foreign key: invoice and event may be written by one statement.
    invoice_id uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Each of them happens to an invoice once.
    CONSTRAINT webhook_events_once UNIQUE (invoice_id, event_type)
);

-- The outbox of webhooks, and what has become of each delivery: a row for each event and endpoint.
CREATE TABLE webhook_deliveries (
    -- No foreign keys, for the same reason; nothing deletes an endpoint or an event.
    endpoint_id     uuid        NOT NULL,
    event_id        uuid        NOT NULL,
    -- `pending` is still tried, `failed` is given up.
    status          text        NOT NULL DEFAULT 'pending'
        CONSTRAINT webhook_deliveries_status_known CHECK (status IN ('pending', 'delivered', 'failed')),
    -- Since the event, or since it was last asked to be delivered again.
    attempts        integer     NOT NULL DEFAULT 0 CONSTRAINT webhook_deliveries_attempts_not_negative CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    -- Somebody is delivering it until then; whoever died meanwhile has given it back.
    leased_until    timestamptz,
    ended_at        timestamptz,
    -- Listed newest event first.
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (endpoint_id, event_id)
);

-- What is to be delivered; small, however many deliveries there have been.
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, next_attempt_at) WHERE status = 'pending';
-- How many of them somebody has in hand.
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (endpoint_id, leased_until)
    WHERE status = 'pending' AND leased_until IS NOT NULL;
-- Pages of the deliveries of one state: without it a rare one would be looked for in all of them.
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (endpoint_id, status, event_id DESC);

-- The log: each attempt, and how it ended.
CREATE TABLE webhook_attempts (
    endpoint_id  uuid        NOT NULL,
    event_id     uuid        NOT NULL,
    attempted_at timestamptz NOT NULL,
    duration_ms  integer     NOT NULL,
    -- The answer's status; null where none came.
    status_code  integer,
    -- Why it failed; null where it did not.
    error        text,
    CONSTRAINT webhook_attempts_pkey PRIMARY KEY (endpoint_id, event_id, attempted_at)
);

-- Requests that carried an Idempotency-Key, as in the orders database.
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
