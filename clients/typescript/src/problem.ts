import type { FieldError, Schemas } from "./types.js";

/** How much of an answer that is no problem document becomes the detail, in characters. */
const DETAIL_CHARACTERS = 200;

/** Why a request was not served, as a problem document (RFC 9457) says it. */
export class WaybillProblem extends Error {
  override readonly name = "WaybillProblem";
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** The fields at fault, by the names that the request gives them; empty if no field is. */
  readonly errors: readonly FieldError[];
  /** With 409: the state that does not allow the step. */
  readonly currentStatus: string | undefined;
  /** The address of the page that explains the problem and what to do; not with answers of a proxy. */
  readonly help: string | undefined;
  /** By this the operator finds the request in traces and logs. */
  readonly requestId: string | undefined;

  constructor(response: Response, body: unknown) {
    const problem = asProblem(response, body);
    const errors = Array.isArray(problem.errors) ? problem.errors.filter(isFieldError) : [];
    const faults = errors.map(({ field, rule }) => `${field} ${rule}`).join("; ");
    super(`${problem.status} ${problem.title}: ${problem.detail}${faults && ` (${faults})`}`);
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = errors;
    this.currentStatus = problem.currentStatus ?? undefined;
    this.help = problem.help ?? undefined;
    this.requestId = response.headers.get("x-request-id") ?? undefined;
  }
}

/** A gateway or proxy may answer in a form of its own, or leave members out. */
function asProblem(response: Response, body: unknown): Schemas["Problem"] {
  const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
  const detail = text.slice(0, DETAIL_CHARACTERS);
  const fallback = { type: "about:blank", status: response.status, title: response.statusText, detail };
  const mediaType = response.headers.get("content-type")?.split(";")[0];
  if (mediaType === "application/problem+json" && typeof body === "object" && body !== null && !Array.isArray(body)) {
    const given = Object.entries(body).filter(([, value]) => value !== null);
    return { ...fallback, ...Object.fromEntries(given) };
  }
  return fallback;
}

function isFieldError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "field" in error && "rule" in error;
}

/** The data of an answer of {@link Waybill.api}. Throws {@link WaybillProblem} if the request was not served. */
export function unwrap<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (!answer.response.ok) {
    throw new WaybillProblem(answer.response, answer.error);
  }
  return answer.data as T;
}
