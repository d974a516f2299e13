-- Invoices and their numbers.
--
-- The columns `id`, `order_id` and `created_at` are those of the system that Waybill replaces.

-- One row for each series of invoice numbers: a series is a calendar year (UTC), such as `2026`. The row's lock is what
-- makes numbers gapless: a number is taken and its invoice written in one statement, and a statement that fails gives
-- the number back. A sequence would not do: it never rolls back.
CREATE TABLE invoice_series (
    series      text   CONSTRAINT invoice_series_pkey PRIMARY KEY,
    -- Stands before the series in the printed number, for example `INV-` for `INV-2026-000001`.
    prefix      text   NOT NULL DEFAULT '',
    last_number bigint NOT NULL CONSTRAINT invoice_series_last_number_natural CHECK (last_number >= 0)
)
-- The row is updated with every invoice: leave room on its page so that the update touches no index.
WITH (fillfactor = 50);

CREATE TABLE invoices (
    -- A UUIDv7: it grows with time, so the primary key alone lists invoices newest first.
    id          uuid        CONSTRAINT invoices_pkey PRIMARY KEY,
    order_id    uuid        NOT NULL,
    -- No foreign key: its check would lock the series' row once more for every invoice, and nothing deletes a series.
    series      text        NOT NULL,
    number      bigint      NOT NULL CONSTRAINT invoices_number_natural CHECK (number >= 1),
    customer_id text        NOT NULL,
    -- Minor units of `currency`.
    amount      bigint      NOT NULL CONSTRAINT invoices_amount_in_range CHECK (amount BETWEEN 1 AND 9007199254740991),
    currency    text        NOT NULL CONSTRAINT invoices_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- The permanent inbox: however often and however late an order's event is delivered, it is invoiced once. A violation
    -- aborts the whole statement, so the number that it had taken is given back.
    CONSTRAINT invoices_one_per_order UNIQUE (order_id),
    -- No number is given twice.
    CONSTRAINT invoices_number_once UNIQUE (series, number)
);
