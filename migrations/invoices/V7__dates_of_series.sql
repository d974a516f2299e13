-- The date of an invoice or credit note is that of the moment in which its number is taken, and within a series dates never go back.
--
-- Until now it was the beginning of the transaction, which may wait for its turn: over midnight of New Year, an invoice of the old year
-- was written behind the first one of the new year. What is taken next needs to know the last date, also where the clock is set back.
--
-- The version before this one neither reads nor writes the columns; while both run, its dates are as they were. The greater of the clock
-- and the last date counts, so a row that it left behind changes nothing.
ALTER TABLE invoice_series ADD COLUMN last_issued_at timestamptz;
ALTER TABLE credit_note_series ADD COLUMN last_issued_at timestamptz;

-- One look into the index of numbers for each series.
UPDATE invoice_series AS s
SET last_issued_at = (
    SELECT i.created_at FROM invoices AS i WHERE i.series = s.series ORDER BY i.number DESC LIMIT 1
);
UPDATE credit_note_series AS s
SET last_issued_at = (
    SELECT c.created_at FROM credit_notes AS c WHERE c.series = s.series ORDER BY c.number DESC LIMIT 1
);
