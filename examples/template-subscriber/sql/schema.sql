-- Run at each start; the first creates what the others find.

-- The events that were handled. An event may come again, even weeks later, so its row stays.
CREATE TABLE IF NOT EXISTS handled_events (
    id uuid PRIMARY KEY,
    handled_at timestamptz NOT NULL DEFAULT now()
);

-- What this service makes of the events: replace it by your own.
CREATE TABLE IF NOT EXISTS shipments (
    order_id uuid PRIMARY KEY,
    is_paid boolean NOT NULL,
    is_canceled boolean NOT NULL,
    events integer NOT NULL DEFAULT 1
);
