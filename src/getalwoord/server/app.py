"""The service's routes: its own API, the page, and what those who run it ask."""

import contextlib
import importlib.metadata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from getalwoord.numerals import KINDS
from getalwoord.server import limits, messages
from getalwoord.server.guard import Application, Guard
from getalwoord.server.openai import add_openai
from getalwoord.server.refusals import Refused, unavailable
from getalwoord.server.service import ADAPTER, READER, Ask, Service

_PAGE = Path(__file__).parent / "page"
_STYLE = Path(__file__).parents[1] / "evaluation" / "style.css"  # that of reports, too
_DESCRIPTION = """\
Dutch numerals in words to figures and back, each with how it is known: `exact` by the grammar,
`near` if it is misspelt but close to this value and to no other, `unproven` if only a model says
so. A text that cannot be read has no value and an error; the others are answered all the same.
"""
_ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": messages.Error, "description": "What is wrong, and what to do"},
    "5XX": {"model": messages.Error, "description": "Not now"},
}


def make_app(service: Service, key: str | None = None) -> Application:
    """Make the application of a service.

    Args:
        service: What does the work; started and stopped with the application.
        key: That requests must have; None for none.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        service.stop()

    app = FastAPI(
        title="getalwoord",
        version=importlib.metadata.version("getalwoord"),
        description=_DESCRIPTION,
        docs_url=None,  # they would be fetched from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _failed)
    _add_api(app, service)
    add_openai(app, service, _ERRORS)
    _add_probes(app, service)
    _add_page(app)
    return Guard(app, service, None if key is None else key.encode())


def _add_api(app: FastAPI, service: Service) -> None:
    @app.post("/v1/read", response_model=messages.ReadResponse, responses=_ERRORS)
    async def read(asked: messages.ReadRequest) -> Response:
        """Read texts, each of them a numeral or a sentence."""
        name = ADAPTER if asked.model in (None, READER) else asked.model
        if asked.model is not None:
            service.check_model(asked.model)
        kinds = None if asked.kinds is None else tuple(dict.fromkeys(asked.kinds))
        figures = None if asked.style is None else asked.style.figures()
        ask = Ask(asked.method, name, kinds, asked.explain, figures)
        return JSONResponse({"results": await service.read(asked.texts, ask)})

    @app.post("/v1/normalise", response_model=messages.NormaliseResponse, responses=_ERRORS)
    async def normalise(asked: messages.NormaliseRequest) -> Response:
        """Write figures for the numerals in texts, by the grammar."""
        figures = asked.style.figures()
        results = await service.normalise(asked.texts, figures, explained=asked.explain)
        return JSONResponse({"results": results})

    @app.post("/v1/spell", response_model=messages.SpellResponse, responses=_ERRORS)
    async def spell(asked: messages.SpellRequest) -> Response:
        """Write values in words by the official rules."""
        results = await service.spell(asked.values, asked.kind, asked.unit)
        return JSONResponse({"results": results})

    @app.get("/v1/info", response_model=messages.Info, responses=_ERRORS)
    async def info() -> Response:
        """Tell what there is to read with, and what a request may hold."""
        base = service.model and service.model.base_name
        return JSONResponse(
            {
                "version": app.version,
                "ready": service.ready,
                "adapter": service.adapter and service.adapter.resolve().name,
                "base": base and Path(base).name,  # where it lies is nobody's business
                "kinds": list(KINDS),
                "limits": {
                    "body_bytes": limits.BODY,
                    "texts": limits.TEXTS,
                    "text_characters": limits.CHARACTERS,
                    "model_characters": limits.MODEL_CHARACTERS,
                    "seconds": service.limits.seconds,
                },
            }
        )


def _add_probes(app: FastAPI, service: Service) -> None:
    @app.get("/healthz", responses=_ERRORS)
    async def healthz() -> dict[str, str]:
        """Tell that the service is alive."""
        return {"status": "ok"}

    @app.get("/readyz", responses=_ERRORS)
    async def readyz() -> dict[str, str]:
        """Tell that the model is loaded, and that the service is not about to end."""
        if not service.ready:
            raise unavailable("about to end" if service.draining else "the model is being loaded")
        return {"status": "ready"}

    @app.get("/metrics", response_class=Response, responses=_ERRORS)
    async def metrics() -> Response:
        """Give what was counted, in Prometheus's text format."""
        return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _add_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(_PAGE / "index.html")

    @app.get("/static/style.css", include_in_schema=False)
    async def style() -> Response:
        return FileResponse(_STYLE)

    app.mount("/static", GZipMiddleware(StaticFiles(directory=_PAGE), minimum_size=1000))


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return error.response()


async def _invalid(_: Request, error: Exception) -> Response:
    """Name the field that is wrong; what was given is not repeated."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        field, message = (
            "body",
            f"no JSON: {first['ctx']['error']} (character {first['loc'][1] + 1})",
        )
    elif field == "body":
        message = "give a JSON object, with Content-Type: application/json"
    return Refused(400, f"{field}: {message}", param=field).response()


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = error.headers or {}
    return Refused(error.status_code, str(error.detail), headers=headers).response()


async def _failed(_: Request, error: Exception) -> Response:
    return Refused(500, "something failed that should not have: see the log").response()
