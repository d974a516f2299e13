//! What each status of a problem document means. `docs/errors.md` is made of it.

use crate::documentation;

/// The problems that have one status.
#[derive(Debug)]
pub struct ProblemKind {
    /// The status of the answer.
    pub status: u16,
    /// The status in words.
    pub title: &'static str,
    /// What causes it, as sentences in Markdown.
    pub when: &'static str,
    /// What a caller does about it, as sentences in Markdown.
    pub what_to_do: &'static str,
}

impl ProblemKind {
    /// Those with this status, if an answer of ours can have it.
    pub fn of(status: u16) -> Option<&'static Self> {
        PROBLEM_KINDS.iter().find(|kind| kind.status == status)
    }

    /// The address of the section that explains it.
    pub fn help(&self) -> String {
        let heading = format!("{} {}", self.status, self.title).to_lowercase().replace(' ', "-");
        documentation(&format!("errors.md#{heading}"))
    }
}

/// By status.
pub const PROBLEM_KINDS: [ProblemKind; 16] = [
    ProblemKind {
        status: 400,
        title: "Bad Request",
        when: "The body is not JSON, an event lacks a header, or an `Idempotency-Key` is malformed.",
        what_to_do: "Correct what `detail` and `errors` name. The same request fails again.",
    },
    ProblemKind {
        status: 401,
        title: "Unauthorized",
        when: "An [API key](keys.md) is missing, or not valid for this service; or an event comes without the right token.",
        what_to_do: "Send the key in the header `X-API-Key`, or as `Authorization: Bearer KEY`. `waybill keys list` shows whether it has \
                     expired or was revoked. Events need the token that is set as [`WAYBILL_EVENTS_TOKEN`](settings.md).",
    },
    ProblemKind {
        status: 403,
        title: "Forbidden",
        when: "The API key lacks the scope that `detail` names; or no key is required here, and a page of another origin or a reverse \
               proxy sent the request.",
        what_to_do: "[Create a key](keys.md) with that scope. Name the origin of a page in [`WAYBILL_CORS_ORIGINS`](settings.md); behind \
                     a proxy, [require keys](operations.md#beside-reverse-proxies-and-browsers).",
    },
    ProblemKind {
        status: 404,
        title: "Not Found",
        when: "There is no such thing, or nothing at this address.",
        what_to_do: "Check the identifier and the path: `/docs` lists the addresses of a service.",
    },
    ProblemKind {
        status: 405,
        title: "Method Not Allowed",
        when: "The address exists, and has no such method.",
        what_to_do: "Use one of those that the header `Allow` lists.",
    },
    ProblemKind {
        status: 406,
        title: "Not Acceptable",
        when: "There is no document of the kind that the `Accept` header allows, or the invoice lacks what that electronic invoice requires.",
        what_to_do: "Ask for another [representation](api.md#documents), or complete what `detail` names for the next invoices.",
    },
    ProblemKind {
        status: 408,
        title: "Request Timeout",
        when: "The body did not arrive within 10 s.",
        what_to_do: "Send it again. Nothing was changed.",
    },
    ProblemKind {
        status: 409,
        title: "Conflict",
        when: "The order's state does not allow this step (`currentStatus` names the state), the e-mail address is taken, there are 100 \
               webhook endpoints already, one is disabled, or its secret was rotated four times within a day.",
        what_to_do: "Read the current state, and decide anew. The same request fails again while that state lasts.",
    },
    ProblemKind {
        status: 410,
        title: "Gone",
        when: "`GET /health` of a process that [drains](operations.md#stopping).",
        what_to_do: "Send requests to another copy.",
    },
    ProblemKind {
        status: 413,
        title: "Payload Too Large",
        when: "The body has more than 64 KiB.",
        what_to_do: "Send less: [limits](limits.md) has the numbers.",
    },
    ProblemKind {
        status: 415,
        title: "Unsupported Media Type",
        when: "The content type is not JSON.",
        what_to_do: "Send `Content-Type: application/json`.",
    },
    ProblemKind {
        status: 421,
        title: "Misdirected Request",
        when: "No key is required here, and the request is for another name than this machine's.",
        what_to_do: "Ask for `localhost`, or [require keys](keys.md).",
    },
    ProblemKind {
        status: 422,
        title: "Unprocessable Entity",
        when: "A field or query parameter breaks a rule, is repeated, or is not known; the customer is unknown; an `Idempotency-Key` was \
               used for another request; or an event cannot be invoiced.",
        what_to_do: "Correct the fields that `errors` names by the rules beside them. The same request fails again.",
    },
    ProblemKind {
        status: 500,
        title: "Internal Server Error",
        when: "The service itself failed. The log says why, under the request's identifier (`X-Request-Id`).",
        what_to_do: "Send a `POST` again with the same `Idempotency-Key`. If it fails again, give the identifier to the operator of the service.",
    },
    ProblemKind {
        status: 503,
        title: "Service Unavailable",
        when: "The database is unavailable, or the service is at its [limit](limits.md).",
        what_to_do: "Try again after the seconds that the header `Retry-After` names. An operator finds the cause by `/readyz` and \
                     [`waybill doctor`](cli.md#waybill-doctor).",
    },
    ProblemKind {
        status: 504,
        title: "Gateway Timeout",
        when: "There was no answer in time.",
        what_to_do: "The request may still take effect: send a `POST` again with the same `Idempotency-Key`, which gives the answer of the \
                     first. [`WAYBILL_REQUEST_TIMEOUT_S`](settings.md) is the time.",
    },
];
