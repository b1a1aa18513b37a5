"""What OpenAI's clients ask and are answered, as JSON.

Form: https://platform.openai.com/docs/api-reference
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from getalwoord.server.limits import CHARACTERS, TEXTS
from getalwoord.server.messages import as_whole, examples
from getalwoord.server.refusals import Refused

#: What would need another kind of model, and the values of it that change nothing
_UNABLE: Mapping[str, tuple[Any, ...]] = {
    "n": (1,),
    "best_of": (1,),
    "echo": (False,),
    "suffix": ("",),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "audio": (),
}
_MESSAGES = 1000  # of a conversation

_Text = Annotated[str, Field(max_length=CHARACTERS)]
_Count = Annotated[int, Field(ge=1), BeforeValidator(as_whole)]
_Stop = Annotated[str, Field(max_length=100)]


class StreamOptions(BaseModel):
    """What a stream holds besides."""

    include_usage: bool | None = None


class _Asked(BaseModel):
    """What both kinds of request have; fields of OpenAI that are not here are passed over."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: Annotated[str, Field(max_length=200)] = Field(
        description="getalwoord (the grammar first), adapter or base"
    )
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: _Count | None = None
    stop: _Stop | Annotated[list[_Stop], Field(max_length=4)] | None = None

    def check(self) -> None:
        """Look for fields that ask for what cannot be had.

        Raises:
            Refused: There is one.
        """
        for name, harmless in _UNABLE.items():
            value = (self.model_extra or {}).get(name)
            if value is not None and value not in harmless:
                raise Refused(400, f"{name} is not supported: leave it out", param=name)

    @property
    def stops(self) -> list[str]:
        """Before which an answer ends."""
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [stop for stop in stops if stop]

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with its usage."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)


class CompletionRequest(_Asked):
    """Prompts, each of which is read."""

    model_config = examples({"model": "getalwoord", "prompt": "zeshonderdzeven"})

    prompt: _Text | Annotated[list[_Text], Field(min_length=1, max_length=TEXTS)]

    @property
    def prompts(self) -> list[str]:
        """All of them."""
        return [self.prompt] if isinstance(self.prompt, str) else self.prompt


class TextPart(BaseModel):
    """A piece of a message."""

    type: Literal["text"]
    text: _Text


class AskedMessage(BaseModel):
    """A message of a conversation."""

    role: Annotated[str, Field(max_length=100)]
    content: _Text | Annotated[list[TextPart], Field(max_length=TEXTS)] | None = None


class ChatRequest(_Asked):
    """A conversation, of which the user's last message is read."""

    model_config = examples(
        {"model": "getalwoord", "messages": [{"role": "user", "content": "drie euro vijftig"}]}
    )

    messages: Annotated[list[AskedMessage], Field(min_length=1, max_length=_MESSAGES)]
    max_completion_tokens: _Count | None = None

    @property
    def text(self) -> str:
        """Of the user's last message.

        Raises:
            Refused: There is none.
        """
        for message in reversed(self.messages):
            if message.role == "user":
                content = message.content or ""
                if isinstance(content, str):
                    return content
                return "".join(part.text for part in content)[:CHARACTERS]
        raise Refused(400, "there is no message of the user", param="messages")


class Usage(BaseModel):
    """Tokens of texts and answers, by the base's tokenizer; 0 where no adapter is loaded."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionChoice(BaseModel):
    """The answer to a prompt."""

    index: int
    text: str
    logprobs: None
    finish_reason: Literal["stop", "length"]


class Completion(BaseModel):
    """The answers to all prompts."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: Usage


class Message(BaseModel):
    """An answer in a conversation."""

    role: Literal["assistant"]
    content: str


class ChatChoice(BaseModel):
    """An answer, and why it ended."""

    index: int
    message: Message
    logprobs: None
    finish_reason: Literal["stop", "length"]


class ChatCompletion(BaseModel):
    """The answer in a conversation."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage


class ModelCard(BaseModel):
    """A model that can be asked."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(BaseModel):
    """All models that can be asked."""

    object: Literal["list"]
    data: list[ModelCard]
