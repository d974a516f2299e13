export { NotInvoiced, Waybill } from "./client.js";
export type { DocumentType, Options, PostOptions } from "./client.js";
export { WaybillProblem, unwrap } from "./problem.js";
export type { RetryOptions } from "./retry.js";
export { WebhookError, verifyWebhook } from "./webhooks.js";
export type { Webhook, WebhookHeaders } from "./webhooks.js";
export type {
  CreditNote,
  Customer,
  FieldError,
  Invoice,
  InvoiceEvent,
  NewCustomer,
  NewEndpoint,
  NewOrder,
  Order,
  Schemas,
} from "./types.js";
export type { paths } from "./generated.js";
