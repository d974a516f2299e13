-- Invoices that keep what they bill as it was, that are paid, and that are credited when their order is canceled.

ALTER TABLE invoices
    -- What stands before the series in the printed number. Copied when the number is taken: an invoice that is out keeps its
    -- number, whatever its series is called later.
    ADD COLUMN prefix   text NOT NULL DEFAULT '',
    -- The customer and the lines of the order, as its event told them; `{}` and `[]` where it told an amount only. `json` keeps
    -- the text as it came.
    ADD COLUMN customer json NOT NULL DEFAULT '{}',
    ADD COLUMN lines    json NOT NULL DEFAULT '[]';

UPDATE invoices SET prefix = s.prefix FROM invoice_series AS s WHERE s.series = invoices.series AND s.prefix <> '';

-- What has been heard of each order. Its events come in any order and any number of times, and in several instances at once:
-- every statement that takes one in writes this row first, so that they take turns, and each sees what the others have done.
CREATE TABLE order_states (
    order_id    uuid        CONSTRAINT order_states_pkey PRIMARY KEY,
    -- Null as long as only later events of the order have come. No foreign key: the row is written before the invoice.
    invoice_id  uuid,
    paid_at     timestamptz,
    canceled_at timestamptz
)
-- Each row is updated a few times: leave room on its page so that the update touches no index.
WITH (fillfactor = 80);

INSERT INTO order_states (order_id, invoice_id) SELECT order_id, id FROM invoices;

-- Credit notes have numbers of their own, in series of their own, that are gapless as those of invoices are.
CREATE TABLE credit_note_series (
    -- A calendar year (UTC), such as `2026`.
    series      text   CONSTRAINT credit_note_series_pkey PRIMARY KEY,
    prefix      text   NOT NULL DEFAULT 'CN-',
    last_number bigint NOT NULL CONSTRAINT credit_note_series_last_number_natural CHECK (last_number >= 0)
)
WITH (fillfactor = 50);

-- What takes an invoice back. An invoice is never deleted or changed: it has been sent.
CREATE TABLE credit_notes (
    -- A UUIDv7.
    id         uuid        CONSTRAINT credit_notes_pkey PRIMARY KEY,
    -- No foreign key: credit note and invoice may be written by one statement. The whole invoice is credited, so it is at most
    -- once.
    invoice_id uuid        NOT NULL CONSTRAINT credit_notes_one_per_invoice UNIQUE,
    series     text        NOT NULL,
    number     bigint      NOT NULL CONSTRAINT credit_notes_number_natural CHECK (number >= 1),
    prefix     text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT credit_notes_number_once UNIQUE (series, number)
);
