//! The statements of the invoices database, one for each file in `sql/`.

use waybill_service::sql::statement;

use crate::credit_note::CreditNote;
use crate::invoice::Invoice;

statement!(CheckEventsToken, "sql/check_events_token.sql");
statement!(CreditInvoice, "sql/credit_invoice.sql");
statement!(IssueInvoice, "sql/issue_invoice.sql", execution: SerializedGroupCommit);
statement!(ListCreditNotes, "sql/list_credit_notes.sql", row: CreditNote);
statement!(ListInvoices, "sql/list_invoices.sql", row: Invoice);
statement!(NotePayment, "sql/note_payment.sql");
statement!(ShowCreditNote, "sql/show_credit_note.sql", row: CreditNote);
statement!(ShowInvoice, "sql/show_invoice.sql", row: Invoice);
