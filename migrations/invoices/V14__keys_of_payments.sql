-- By which API key an order was paid or canceled, as its event says.
--
-- The version before this one writes no key, and its events name none.
ALTER TABLE order_states
    ADD COLUMN paid_api_key text,
    ADD COLUMN canceled_api_key text;

CREATE OR REPLACE FUNCTION order_states_paid() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_state_events (order_id, event, happened_at, event_id, api_key)
    VALUES (NEW.order_id, 'paid', NEW.paid_at, NEW.paid_event_id, NEW.paid_api_key);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION order_states_canceled() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_state_events (order_id, event, happened_at, event_id, api_key)
    VALUES (NEW.order_id, 'canceled', NEW.canceled_at, NEW.canceled_event_id, NEW.canceled_api_key);
    RETURN NULL;
END
$$;

-- To replace a function takes its rights away, which V12 explains.
DO $$
DECLARE
    name text;
    path text := format('pg_catalog, %I, pg_temp', current_schema());
BEGIN
    FOREACH name IN ARRAY ARRAY['order_states_paid()', 'order_states_canceled()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %s', name, path);
    END LOOP;
END
$$;
