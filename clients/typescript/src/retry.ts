import { setTimeout as sleep } from "node:timers/promises";

export interface RetryOptions {
  /** How often a request is sent at most; 1 means no retries. */
  attempts: number;
  /** The first delay, which doubles with each attempt. The actual one is random, from zero up to it. */
  firstDelayMs: number;
  /** The longest delay. An answer that asks for a longer one with `Retry-After` is returned as it is. */
  longestDelayMs: number;
  /** How long one attempt may take. */
  timeoutMs: number;
}

export const DEFAULT_RETRY: RetryOptions = {
  attempts: 5,
  firstDelayMs: 200,
  longestDelayMs: 20_000,
  timeoutMs: 30_000,
};

/** The service, or a gateway before it, is at its limit or cannot answer now. */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * A `fetch` that sends a request again after an answer that passes, or none. Each `POST` has an idempotency key, so it has its effect once.
 * A `PATCH` has none: it is sent again only if it was refused with 429.
 */
export function retrying(send: (request: Request) => Promise<Response>, options: RetryOptions) {
  return async (request: Request): Promise<Response> => {
    if (request.method === "POST" && !request.headers.has("idempotency-key")) {
      request.headers.set("idempotency-key", crypto.randomUUID());
    }
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= options.attempts;
      let retryAfter: string | null = null;
      try {
        const signal = AbortSignal.any([request.signal, AbortSignal.timeout(options.timeoutMs)]);
        const response = await send(new Request(request.clone(), { signal }));
        if (isLast || !mayRepeat(request, response.status)) {
          return response;
        }
        retryAfter = response.headers.get("retry-after");
        if ((asked(retryAfter, Date.now()) ?? 0) > options.longestDelayMs) {
          return response;
        }
        await response.body?.cancel();
      } catch (error) {
        if (isLast || request.signal.aborted || request.method === "PATCH") {
          throw error;
        }
      }
      await sleep(delayMs(attempt, retryAfter, options), undefined, { signal: request.signal });
    }
  };
}

function mayRepeat(request: Request, status: number): boolean {
  return request.method === "PATCH" ? status === 429 : PASSING.has(status);
}

/** The delay after this attempt, of which the first is 1. It is never shorter than what `Retry-After` asks for. */
export function delayMs(attempt: number, retryAfter: string | null, options: RetryOptions, now = Date.now()): number {
  const longest = Math.min(options.firstDelayMs * 2 ** (attempt - 1), options.longestDelayMs);
  return (asked(retryAfter, now) ?? 0) + Math.random() * longest;
}

/** What `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3). */
function asked(retryAfter: string | null, now: number): number | undefined {
  if (retryAfter === null) {
    return undefined;
  }
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
