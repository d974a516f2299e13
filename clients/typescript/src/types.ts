import type { components } from "./generated.js";

/** All types of the API by their names. */
export type Schemas = components["schemas"];

export type CreditNote = Schemas["CreditNote"];
export type Customer = Schemas["Customer"];
export type FieldError = Schemas["FieldError"];
export type Invoice = Schemas["Invoice"];
/** What a webhook says. */
export type InvoiceEvent = Schemas["InvoiceEvent"];
export type NewCustomer = Schemas["NewCustomer"];
export type NewEndpoint = Schemas["NewEndpoint"];
export type NewOrder = Schemas["NewOrder"];
export type Order = Schemas["Order"];
