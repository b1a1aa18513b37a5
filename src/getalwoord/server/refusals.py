"""What a request is answered that cannot be done, in the form that OpenAI's errors have."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


class Refused(Exception):
    """A request cannot be done.

    Args:
        status: Of HTTP.
        message: For people: what is wrong, and what to do.
        code: For programs.
        param: The field that is wrong.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """Give the answer."""
        error = {
            "message": self.message,
            "type": _TYPES.get(self.status)
            or ("server_error" if self.status >= 500 else "invalid_request_error"),
            "param": self.param,
            "code": self.code,
        }
        return JSONResponse({"error": error}, self.status, self.headers)


_TYPES = {401: "authentication_error", 429: "rate_limit_error"}


def overloaded(seconds: float) -> Refused:
    """Refuse what there is no room for; there may be some after so many seconds."""
    after = max(1, min(60, round(seconds)))
    return Refused(
        429,
        f"too much is waiting already: try again in {after} s",
        code="overloaded",
        headers={"Retry-After": str(after)},
    )


def unavailable(message: str) -> Refused:
    """Refuse for a while."""
    return Refused(503, message, code="unavailable", headers={"Retry-After": "1"})
