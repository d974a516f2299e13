import type { InvoiceEvent } from "./types.js";

/** How far the clocks of sender and receiver may be apart, and how late a request may arrive. */
const TOLERANCE_S = 300;

/** The headers of a request, as `fetch` or as Node.js has them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | string[] | undefined>>;

export interface Webhook {
  /** The event: the same at each attempt, so by this a receiver knows those that it has handled. */
  id: string;
  event: InvoiceEvent;
}

/** The request is not signed by this secret, or is too old: answer it with 400, and do not read it. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

/**
 * Checks the signature of a webhook (https://www.standardwebhooks.com) and reads its event.
 *
 * @param body The body as it was received, byte for byte.
 * @param secret The endpoint's secret, `whsec_…`.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  now: number = Date.now(),
): Promise<Webhook> {
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  const signatures = header(headers, "webhook-signature");
  if (!/^\d+$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_S) {
    throw new WebhookError(`webhook-timestamp is more than ${TOLERANCE_S} s from now; is the clock right?`);
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), bytes]);
  const key = await crypto.subtle.importKey(
    "raw",
    Buffer.from(secret.replace(/^whsec_/, ""), "base64"),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  // While a secret is rotated, there is one signature for each.
  for (const signature of signatures.split(" ")) {
    const [version, encoded] = signature.split(",", 2);
    // Compares in a time that does not depend on the signature.
    if (version === "v1" && (await crypto.subtle.verify("HMAC", key, Buffer.from(encoded ?? "", "base64"), signed))) {
      return { id, event: JSON.parse(Buffer.from(bytes).toString()) as InvoiceEvent };
    }
  }
  throw new WebhookError("no signature in webhook-signature is by this secret");
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value !== "string" || value === "") {
    throw new WebhookError(`the header ${name} is missing`);
  }
  return value;
}
