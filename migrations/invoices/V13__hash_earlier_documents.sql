-- Hashes of the documents that were issued before they were linked, and a guard against a number that is printed twice.
--
-- The hashes are read and written beside everything else, about 12 s for a million invoices. Then the two indexes hold up those who issue,
-- not those who read, while the table is read once: a few seconds for a million invoices.
INSERT INTO hashed_documents (kind, series, first_number, last_number, sha256)
SELECT
    'invoice',
    i.series,
    min(i.number),
    max(i.number),
    sha256(string_agg(invoice_sha256(i), ''::bytea ORDER BY i.number))
FROM invoices AS i
WHERE i.chain_sha256 IS NULL
GROUP BY i.series, (i.number - 1) / 100;

INSERT INTO hashed_documents (kind, series, first_number, last_number, sha256)
SELECT
    'credit note',
    c.series,
    min(c.number),
    max(c.number),
    sha256(string_agg(credit_note_sha256(c), ''::bytea ORDER BY c.number))
FROM credit_notes AS c
WHERE c.chain_sha256 IS NULL
GROUP BY c.series, (c.number - 1) / 100;

-- Payments and cancellations from before they were recorded with their time.
INSERT INTO order_state_events (order_id, event, happened_at, recorded_at)
SELECT s.order_id, happened.event, happened.happened_at, NULL
FROM order_states AS s
CROSS JOIN LATERAL (VALUES ('paid', s.paid_at), ('canceled', s.canceled_at)) AS happened (event, happened_at)
WHERE happened.happened_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM order_state_events AS e WHERE e.order_id = s.order_id AND e.event = happened.event
);

-- No number is printed twice, whatever the settings are changed to, also none of a document from before.
CREATE UNIQUE INDEX invoices_printed_number_once
ON invoices ((printed_number_of(printed_number, prefix, series, number)) COLLATE "C");
CREATE UNIQUE INDEX credit_notes_printed_number_once
ON credit_notes ((printed_number_of(printed_number, prefix, series, number)) COLLATE "C");
