-- Orders whose lines say more than a whole number of pieces, and that say more of their invoice.

-- What an order says of its invoice besides the lines; null where it says nothing.
ALTER TABLE orders ADD COLUMN details json;

-- A line as it was ordered, where it says more than the columns do: then `line` is all of it, and quantity and price, which may have
-- fractions or be less than zero, are not in the columns. The version before this one writes columns only, and cannot read the others.
ALTER TABLE order_lines
    ADD COLUMN line json,
    ALTER COLUMN quantity DROP NOT NULL,
    ALTER COLUMN unit_price DROP NOT NULL,
    ADD CONSTRAINT order_lines_line_or_columns CHECK (line IS NOT NULL OR (quantity IS NOT NULL AND unit_price IS NOT NULL))
        NOT VALID;
