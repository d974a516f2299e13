"""Why a request was not served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx

if TYPE_CHECKING:
    from .generated import FieldError, Problem

# How much of an answer that is no problem document becomes the detail, in characters.
_DETAIL_CHARACTERS = 200


class WaybillProblem(Exception):
    """Why a request was not served, as a problem document (RFC 9457) says it."""

    def __init__(self, response: httpx.Response) -> None:
        problem = _as_problem(response)
        self.status = problem["status"]
        self.title = problem["title"]
        self.detail = problem["detail"]
        #: The fields at fault, by the names that the request gives them; empty if no field is.
        self.errors: list[FieldError] = problem.get("errors", [])
        #: With 409: the state that does not allow the step.
        self.current_status = problem.get("currentStatus")
        #: The address of the page that explains the problem and what to do; not with answers of a proxy.
        self.help = problem.get("help")
        #: By this the operator finds the request in traces and logs.
        self.request_id: str | None = response.headers.get("x-request-id")
        faults = "; ".join(f"{error['field']} {error['rule']}" for error in self.errors)
        super().__init__(f"{self.status} {self.title}: {self.detail}" + (f" ({faults})" if faults else ""))


def _as_problem(response: httpx.Response) -> Problem:
    # A gateway or proxy may answer in a form of its own, or leave members out.
    problem: dict[str, Any] = {
        "type": "about:blank",
        "status": response.status_code,
        "title": response.reason_phrase,
        "detail": response.text[:_DETAIL_CHARACTERS],
    }
    if response.headers.get("content-type", "").split(";")[0] == "application/problem+json":
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict):
            problem.update({name: value for name, value in body.items() if value is not None})
    errors = problem.get("errors")
    problem["errors"] = [error for error in errors if _is_field_error(error)] if isinstance(errors, list) else []
    return cast("Problem", problem)


def _is_field_error(error: object) -> bool:
    return isinstance(error, dict) and "field" in error and "rule" in error
