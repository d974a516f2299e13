//! The statements of the invoices database, one for each file in `sql/`.

use waybill_service::statement;

statement!(
    /// Whether a presented token is the one that events are taken with.
    CHECK_EVENTS_TOKEN,
    "check_events_token"
);
statement!(
    /// Notes that an order is canceled, and credits its invoice.
    CREDIT_INVOICE,
    "credit_invoice"
);
statement!(
    /// Writes an order's invoice and takes its number.
    ISSUE_INVOICE,
    "issue_invoice"
);
statement!(
    /// A page of credit notes, newest first.
    LIST_CREDIT_NOTES,
    "list_credit_notes"
);
statement!(
    /// A page of invoices, newest first.
    LIST_INVOICES,
    "list_invoices"
);
statement!(
    /// A page of the invoices of one order, newest first.
    LIST_INVOICES_OF_ORDER,
    "list_invoices_of_order"
);
statement!(
    /// Notes that an order is paid.
    NOTE_PAYMENT,
    "note_payment"
);
statement!(
    /// One credit note.
    SHOW_CREDIT_NOTE,
    "show_credit_note"
);
statement!(
    /// One invoice.
    SHOW_INVOICE,
    "show_invoice"
);
