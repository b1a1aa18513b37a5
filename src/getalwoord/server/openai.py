"""OpenAI's API, as far as it fits: its clients' texts are read, and answered in its form.

The last message of the user, or each prompt, is the text; the answer is the value as training pairs
have it, or the sentence with figures. Answers are the most probable ones: temperature and the like
change nothing.
"""

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from getalwoord.server.openai_messages import (
    ChatCompletion,
    ChatRequest,
    Completion,
    CompletionRequest,
    ModelCard,
    ModelList,
)
from getalwoord.server.service import Service

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


def add_openai(app: FastAPI, service: Service, errors: dict[int | str, dict[str, Any]]) -> None:
    """Add the routes of OpenAI's API.

    Args:
        app: To add to.
        service: Does the work.
        errors: What the description of the API says of errors.
    """
    began = int(time.time())

    streamed = errors | _STREAM

    @app.post("/v1/completions", response_model=Completion, responses=streamed)
    async def completions(asked: CompletionRequest) -> Response:
        """Read prompts, as OpenAI's clients ask for it."""
        asked.check()
        said = await service.answer(asked.prompts, asked.model)
        answers = [_Answer.of(service, text, asked.stops, asked.max_tokens) for text in said]
        head = _head("cmpl", "text_completion", asked.model)
        choices = [
            {"index": n, "text": one.text, "logprobs": None, "finish_reason": one.finish_reason}
            for n, one in enumerate(answers)
        ]
        usage = _usage(service, asked.prompts, answers)
        if not asked.stream:
            return JSONResponse(head | {"choices": choices, "usage": usage})
        chunks = [head | {"choices": [choice]} for choice in choices]
        return _streamed(chunks, head, usage if asked.wants_usage else None)

    @app.post("/v1/chat/completions", response_model=ChatCompletion, responses=streamed)
    async def chat_completions(asked: ChatRequest) -> Response:
        """Read the last message of the user, as OpenAI's clients ask for it."""
        asked.check()
        text = asked.text
        most = asked.max_completion_tokens or asked.max_tokens
        said = await service.answer([text], asked.model)
        answer = _Answer.of(service, said[0], asked.stops, most)
        usage = _usage(service, [text], [answer])
        choice = {"index": 0, "logprobs": None, "finish_reason": answer.finish_reason}
        if not asked.stream:
            message = {"role": "assistant", "content": answer.text}
            head = _head("chatcmpl", "chat.completion", asked.model)
            return JSONResponse(head | {"choices": [choice | {"message": message}], "usage": usage})
        head = _head("chatcmpl", "chat.completion.chunk", asked.model)
        open_choice = choice | {"finish_reason": None}
        chunks = [
            head | {"choices": [open_choice | {"delta": {"role": "assistant", "content": ""}}]},
            head | {"choices": [open_choice | {"delta": {"content": answer.text}}]},
            head | {"choices": [choice | {"delta": {}}]},
        ]
        return _streamed(chunks, head, usage if asked.wants_usage else None)

    def card(name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": began, "owned_by": "getalwoord"}

    @app.get("/v1/models", response_model=ModelList, responses=errors)
    async def models() -> Response:
        """List what can be asked."""
        return JSONResponse({"object": "list", "data": [card(name) for name in service.models]})

    @app.get("/v1/models/{name}", response_model=ModelCard, responses=errors)
    async def model(name: str) -> Response:
        """Tell that a model can be asked."""
        service.check_model(name)
        return JSONResponse(card(name))


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer as far as it was asked for."""

    text: str
    finish_reason: str
    tokens: int

    @classmethod
    def of(cls, service: Service, text: str, stops: Sequence[str], most: int | None) -> "_Answer":
        """Cut an answer before what is to stop it, and to so many tokens if these are known."""
        text = text[
            : min((at for stop in stops if (at := text.find(stop)) >= 0), default=len(text))
        ]
        tokens = service.tokens(text)
        if most is None or len(tokens) <= most:
            return cls(text, "stop", len(tokens))
        return cls(service.text_of(tokens[:most]), "length", most)


def _head(prefix: str, kind: str, model: str) -> dict[str, Any]:
    return {
        "id": f"{prefix}-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def _usage(service: Service, texts: Iterable[str], answers: Iterable[_Answer]) -> dict[str, int]:
    asked = sum(len(service.tokens(text)) for text in texts)
    answered = sum(answer.tokens for answer in answers)
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }


def _streamed(
    chunks: Sequence[dict[str, Any]], head: dict[str, Any], usage: dict[str, int] | None
) -> Response:
    """Give chunks as server-sent events; answers are short, so that they all come together."""
    if usage is not None:
        # Every chunk has the field then, and an extra one has it filled.
        chunks = [chunk | {"usage": None} for chunk in chunks]
        chunks.append(head | {"choices": [], "usage": usage})
    events = [json.dumps(chunk, ensure_ascii=False) for chunk in chunks] + ["[DONE]"]
    return Response(
        "".join(f"data: {event}\n\n" for event in events), media_type="text/event-stream"
    )
