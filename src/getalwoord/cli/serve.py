"""`getalwoord serve`: the service, until a signal ends it."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from getalwoord.errors import InputError

_KEY = "GETALWOORD_API_KEY"


def serve(
    adapter: Annotated[
        Path | None,
        typer.Option(help="Folder of a run; else the grammar alone.", metavar="DIR"),
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The adapter's base, if it has moved.", metavar="NAME")
    ] = None,
    dtype: Annotated[str, typer.Option(help="auto, bfloat16 or float32.", metavar="NAME")] = "auto",
    host: Annotated[
        str, typer.Option(help="Address to listen at; any but loopback needs a key.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="0 for any that is free.", metavar="N", min=0, max=65535)
    ] = 8000,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--api-key-file",
            help=f"File with the key that requests must have; else {_KEY}.",
            metavar="FILE",
        ),
    ] = None,
    waiting: Annotated[
        int, typer.Option("--queue", help="Texts that may wait for the model.", metavar="N", min=1)
    ] = 100,
    seconds: Annotated[
        float, typer.Option("--deadline", help="Seconds for a request.", metavar="S", min=0.1)
    ] = 30.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log failures only.")] = False,
) -> None:
    """Serve a page, an API of its own and OpenAI's; SIGTERM or Ctrl-C ends it in good order.

    The log has route, status, bytes and milliseconds of each request, and nothing of its texts.

    Example: getalwoord serve --adapter runs/default, then open http://127.0.0.1:8000
    """
    try:
        from getalwoord.server.run import serve as run
        from getalwoord.server.service import Service
    except ModuleNotFoundError as error:
        raise InputError(
            f"the service needs {error.name}: pip install 'getalwoord[serve]'"
        ) from error
    from getalwoord.server.limits import Limits

    logging.basicConfig(
        stream=sys.stderr,
        format="%(asctime)s %(message)s",
        level=logging.WARNING if quiet else logging.INFO,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    service = Service(adapter, base=base, dtype=dtype, limits=Limits(waiting, seconds))
    run(
        service,
        host=host,
        port=port,
        key=_key(key_file),
        on_bound=lambda url: print(f"getalwoord: serving at {url}", file=sys.stderr, flush=True),
    )


def _key(path: Path | None) -> str | None:
    """Read the key; an argument would be seen by everyone who lists processes."""
    from getalwoord.files import disk_error

    if path is None:
        key = os.environ.get(_KEY)
    else:
        try:
            key = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise disk_error(path, error, "read") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{path} holds no key: it is no text") from error
    if key is None:
        return None
    if not key.isascii() or not key.isprintable() or " " in key or len(key) < _SHORTEST:
        raise InputError(
            f"a key has at least {_SHORTEST} letters, digits and signs, and no blanks: make one "
            "with `openssl rand -hex 32`"
        )
    return key


_SHORTEST = 16
