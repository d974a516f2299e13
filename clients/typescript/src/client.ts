import { setTimeout as sleep } from "node:timers/promises";

import createClient, { type Client } from "openapi-fetch";

import type { paths } from "./generated.js";
import { unwrap } from "./problem.js";
import { DEFAULT_RETRY, type RetryOptions, retrying } from "./retry.js";
import type { CreditNote, Customer, Invoice, NewCustomer, NewEndpoint, NewOrder, Order, Schemas } from "./types.js";

export interface Options {
  /** The gateway's address, such as `http://localhost:8000`. */
  baseUrl: string;
  /** Needed where the services listen beyond their own machine. */
  apiKey?: string;
  retry?: Partial<RetryOptions>;
  /** What sends a request; the global `fetch` if not given. */
  fetch?: (request: Request) => Promise<Response>;
}

export interface PostOptions {
  /**
   * The same request with the same key has its effect once. Without one, each call has a key of its own, which its retries share. Give one
   * that outlives the process, such as the identifier of a cart, to be safe against its crash too.
   */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** The media types of an invoice's documents; an electronic invoice may name its `syntax` and `profile`. */
export type DocumentType = "application/pdf" | "text/html" | "application/xml" | `application/xml;${string}`;

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Q } } }
  ? Omit<NonNullable<Q>, "cursor">
  : never;

/** The order has no invoice within the time that was given. It will have one: ask again later. */
export class NotInvoiced extends Error {
  override readonly name = "NotInvoiced";
}

/** A client of the orders and invoices services behind one gateway. Requests that fail throw {@link WaybillProblem}. */
export class Waybill {
  /** Every operation of the API by method and path. Pass what it answers to {@link unwrap}. */
  readonly api: Client<paths>;

  constructor(options: Options) {
    const send = options.fetch ?? ((request: Request) => fetch(request));
    this.api = createClient<paths>({
      baseUrl: options.baseUrl,
      fetch: retrying(send, { ...DEFAULT_RETRY, ...options.retry }),
      ...(options.apiKey === undefined ? {} : { headers: { "X-API-Key": options.apiKey } }),
    });
  }

  async createOrder(order: NewOrder, options: PostOptions = {}): Promise<Order> {
    return unwrap(await this.api.POST("/orders", { body: order, ...posted(options) }));
  }

  async order(id: string): Promise<Order> {
    return unwrap(await this.api.GET("/orders/{id}", { params: { path: { id } } }));
  }

  async payOrder(id: string, options: PostOptions = {}): Promise<Order> {
    return unwrap(await this.api.POST("/orders/{id}/pay", posted(options, { path: { id } })));
  }

  async cancelOrder(id: string, options: PostOptions = {}): Promise<Order> {
    return unwrap(await this.api.POST("/orders/{id}/cancel", posted(options, { path: { id } })));
  }

  /** Orders, newest first. `limit` is the size of a page; further ones are asked for while you iterate. */
  async *orders(query: Query<"/orders"> = {}): AsyncGenerator<Order, void> {
    for await (const page of pages((cursor) => this.api.GET("/orders", { params: { query: { ...query, ...cursor } } }))) {
      yield* page.orders;
    }
  }

  async createCustomer(customer: NewCustomer, options: PostOptions = {}): Promise<Customer> {
    return unwrap(await this.api.POST("/customers", { body: customer, ...posted(options) }));
  }

  async customer(id: string): Promise<Customer> {
    return unwrap(await this.api.GET("/customers/{id}", { params: { path: { id } } }));
  }

  /** Customers, newest first. */
  async *customers(query: Query<"/customers"> = {}): AsyncGenerator<Customer, void> {
    for await (const page of pages((cursor) => this.api.GET("/customers", { params: { query: { ...query, ...cursor } } }))) {
      yield* page.customers;
    }
  }

  async invoice(id: string): Promise<Invoice> {
    // Its other representations are documents.
    return unwrap(await this.api.GET("/invoices/{id}", { params: { path: { id } } })) as Invoice;
  }

  /** The invoice of an order, which is issued within moments of it. Throws {@link NotInvoiced} if it is not within `timeoutMs`. */
  async invoiceOf(orderId: string, timeoutMs = 30_000): Promise<Invoice> {
    const deadline = Date.now() + timeoutMs;
    for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 2_000)) {
      const { invoices } = unwrap(await this.api.GET("/invoices", { params: { query: { orderId } } }));
      if (invoices[0] !== undefined) {
        return invoices[0];
      }
      if (Date.now() + delayMs > deadline) {
        throw new NotInvoiced(`order ${orderId} has no invoice within ${timeoutMs} ms`);
      }
      await sleep(delayMs);
    }
  }

  /** Invoices, newest first. */
  async *invoices(query: Query<"/invoices"> = {}): AsyncGenerator<Invoice, void> {
    for await (const page of pages((cursor) => this.api.GET("/invoices", { params: { query: { ...query, ...cursor } } }))) {
      yield* page.invoices;
    }
  }

  /** An invoice as a document to send: a PDF, a page, or an electronic invoice. The language is `de`, `en`, `es`, `fr` or `pt`. */
  async invoiceDocument(id: string, type: DocumentType, language = "en"): Promise<ArrayBuffer> {
    const header = { Accept: type, "Accept-Language": language };
    const answer = await this.api.GET("/invoices/{id}", { params: { path: { id }, header }, parseAs: "arrayBuffer" });
    return unwrap(answer);
  }

  /** Credit notes, newest first. */
  async *creditNotes(query: Query<"/credit-notes"> = {}): AsyncGenerator<CreditNote, void> {
    for await (const page of pages((cursor) => this.api.GET("/credit-notes", { params: { query: { ...query, ...cursor } } }))) {
      yield* page.creditNotes;
    }
  }

  /** Registers an address for webhooks. Keep the `secret` of the answer: it is shown once. */
  async createWebhookEndpoint(endpoint: NewEndpoint, options: PostOptions = {}): Promise<Schemas["MadeEndpoint"]> {
    return unwrap(await this.api.POST("/webhook-endpoints", { body: endpoint, ...posted(options) }));
  }
}

/** Loads page after page, as each names the next. */
async function* pages<Page extends { nextCursor: string | null }>(
  load: (cursor: { cursor?: string }) => Promise<{ data?: Page; error?: unknown; response: Response }>,
): AsyncGenerator<Page, void> {
  let cursor: string | null = null;
  do {
    const page: Page = unwrap(await load(cursor === null ? {} : { cursor }));
    yield page;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function posted<Params extends object>(options: PostOptions, params?: Params) {
  const key = options.idempotencyKey;
  return {
    params: { ...(params as Params), header: key === undefined ? {} : { "Idempotency-Key": key } },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}
