-- Two sellers may print the same number; one may not print it twice.
--
-- Each index is built beside those who read, while those who issue wait: a few seconds for a million invoices. Only then are the ones of
-- V13 removed, whose names the new ones get.
CREATE UNIQUE INDEX invoices_printed_number_once_of_seller
ON invoices ((printed_number_of(printed_number, prefix, series, number)) COLLATE "C", (seller_of_series(series)) COLLATE "C");
CREATE UNIQUE INDEX credit_notes_printed_number_once_of_seller
ON credit_notes ((printed_number_of(printed_number, prefix, series, number)) COLLATE "C", (seller_of_series(series)) COLLATE "C");

DROP INDEX invoices_printed_number_once, credit_notes_printed_number_once;
ALTER INDEX invoices_printed_number_once_of_seller RENAME TO invoices_printed_number_once;
ALTER INDEX credit_notes_printed_number_once_of_seller RENAME TO credit_notes_printed_number_once;
