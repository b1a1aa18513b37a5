"""What the service does, without HTTP: the grammar at once, the model for many texts together."""

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from getalwoord.errors import InputError
from getalwoord.numerals import Figures, Normalised, normalise, spell, value_given
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Open, Reading, Unread, sorted_out
from getalwoord.server.batching import Full, Lane
from getalwoord.server.limits import MODEL_CHARACTERS, Limits
from getalwoord.server.metrics import Metrics
from getalwoord.server.model import Model, share_cores
from getalwoord.server.records import Record, record, response_of
from getalwoord.server.refusals import Refused, overloaded, unavailable
from getalwoord.server.weighing import Weigher

READER, ADAPTER, BASE = "getalwoord", "adapter", "base"

_AT_ONCE = 64  # weight that is read exactly together; bounds for how long others wait
_WEIGHED_AT_ONCE = 8  # weight; each takes milliseconds, and the model waits for it
_MODEL_AT_ONCE = 64  # texts in a batch of the model; more are hardly faster, and wait longer
_MODEL_THREADS = 2 if (os.cpu_count() or 1) > 1 else 1  # with batches and cores of their own
_EXACT_ROOM = 32  # times as many texts as may wait for what takes longer
_SHARE = 0.25  # of the deadline that a text may wait in one lane
_SHORT = 100  # characters; a longer text counts as several


@dataclass(frozen=True, slots=True)
class Ask:
    """How texts are to be read.

    Attributes:
        method: "auto", "grammar" or "model".
        model: "adapter" or "base": which model is asked, if one is.
        kinds: Kinds that the adapter may answer with; None for all.
        explained: Whether each numeral gets the parts that it was read by.
        figures: How numerals are written; None if that is not wanted of those that stand alone.
    """

    method: Literal["auto", "grammar", "model"] = "auto"
    model: str = ADAPTER
    kinds: tuple[str, ...] | None = None
    explained: bool = False
    figures: Figures | None = None


_ALONE = Ask()


class Service:
    """Reads texts for all who ask.

    There are three lanes of threads: `exact` does what takes microseconds, `grammar` weighs what
    misspelt texts may mean, which takes milliseconds, and `model` loads the model and asks it. What
    one cannot read goes on to the next, so that no text waits behind slower work. Beside a model
    the weighing is done by another process: a thread would hold up each of the model's operations.

    Args:
        adapter: The folder of a run; None for the grammar alone.
        base: Another name for the adapter's base.
        dtype: Of the base.
        limits: How much may wait, and how long.

    Attributes:
        adapter: As given.
        limits: As given.
        metrics: What has been counted.
        draining: Set when the service is about to end.
        model: Once it is loaded.
        failure: Why it could not be loaded.
        on_failure: Called then, in one of the model's threads.
    """

    def __init__(
        self,
        adapter: Path | None = None,
        *,
        base: str | None = None,
        dtype: str = "auto",
        limits: Limits | None = None,
    ) -> None:
        self.adapter, self.limits, self.metrics = adapter, limits or Limits(), Metrics()
        self.draining = False
        self.model: Model | None = None
        self.failure: Exception | None = None
        self.on_failure: Callable[[], None] = lambda: None
        self._base, self._dtype = base, dtype
        self._loading = threading.Lock()
        self._grammar = Reader()
        room = self.limits.waiting
        self._exact_lane = self._text_lane("exact", _each, _AT_ONCE, room * _EXACT_ROOM)
        self._grammar_lane = self._text_lane("grammar", self._weigh_all, _WEIGHED_AT_ONCE, room)
        self._model_lane = None if adapter is None else self._lane_of_model(adapter)
        self._weigher = Weigher(self._grammar.weighed, apart=adapter is not None)

    @property
    def ready(self) -> bool:
        """Whether all that can be asked is answered without waiting for the model to be loaded."""
        return not self.draining and (self._model_lane is None or self.model is not None)

    @property
    def models(self) -> list[str]:
        """The names of what can be asked."""
        return [READER] if self._model_lane is None else [READER, ADAPTER, BASE]

    def start(self) -> None:
        """Start the threads; called where the event loop runs."""
        for lane in self._lanes():
            lane.start()

    def stop(self) -> None:
        """Do what waits, and end the threads."""
        for lane in self._lanes():
            lane.stop()
        self._weigher.stop()

    def check_model(self, name: str) -> None:
        """Refuse a model that there is not."""
        if name in self.models:
            return
        why = f"give {', '.join(self.models)}"
        if self._model_lane is None:
            why = f"only {READER} is there: start the service with --adapter for more"
        raise Refused(
            404, f"there is no model {name[:100]!r}: {why}", param="model", code="model_not_found"
        )

    async def read(self, texts: Sequence[str], ask: Ask) -> list[Record]:
        """Read texts, each of them a numeral or a sentence; gives a record of each, in order.

        Raises:
            Refused: There is no such model, no room or no time.
        """
        if ask.method == "model":
            self.check_model(ask.model)
        async with self._in_time():
            records = await self._read(texts, ask)
        for one in records:
            self.metrics.read("sentence" if "readings" in one else one["how"] or "unread")
        return records

    async def normalise(
        self, texts: Sequence[str], figures: Figures, *, explained: bool
    ) -> list[Record]:
        """Write figures for the numerals in texts.

        Raises:
            Refused: There is no room or no time.
        """

        def one(text: str) -> Record:
            return record(normalise(text, figures), explained=explained)

        async with self._in_time():
            records = await self._exact_lane.do(one, texts)
        for _ in records:
            self.metrics.read("sentence")
        return records

    async def spell(
        self, values: Sequence[str], kind: str | None, unit: str | None
    ) -> list[Record]:
        """Write values in words.

        Raises:
            Refused: There is no room or no time.
        """

        def one(value: str) -> Record:
            try:
                return {"value": value, "text": spell(value_given(value, kind, unit), kind)}
            except InputError as error:
                return {"value": value, "text": None, "error": str(error)}

        async with self._in_time():
            return await self._exact_lane.do(one, values)

    async def answer(self, texts: Sequence[str], model: str) -> list[str]:
        """Give a model's answers, written as the responses that it is trained on.

        Raises:
            Refused: There is no such model, no room or no time, or a text cannot be read.
        """
        self.check_model(model)
        alone = model != READER
        records = await self.read(texts, Ask("model", model) if alone else Ask())
        return [response_of(one, said=alone) for one in records]

    def tokens(self, text: str) -> list[int]:
        """Give the tokens of a text; none where there is no tokenizer."""
        return [] if self.model is None else self.model.tokenizer.encode(text)

    def text_of(self, tokens: Sequence[int]) -> str:
        """Give the text of tokens."""
        return "" if self.model is None else self.model.tokenizer.decode(tokens)

    def _lanes(self) -> list[Lane[Any, Any, Any]]:
        lanes = [self._exact_lane, self._grammar_lane]
        return lanes if self._model_lane is None else [*lanes, self._model_lane]

    def _text_lane(
        self,
        name: str,
        work: Callable[[Any, Sequence[str]], Sequence[Any]],
        at_once: int,
        waiting: int,
    ) -> Lane[Any, str, Any]:
        lane = Lane[Any, str, Any](
            work,
            name=name,
            weigh=lambda text: 1 + len(text) // _SHORT,
            waiting=waiting,
            seconds=self.limits.seconds * _SHARE,
            at_once=at_once,
            prepare=self._warm,
            on_batch=self.metrics.batches_of(name),
        )
        self.metrics.watch(name, lambda: lane.waiting)
        return lane

    def _lane_of_model(self, folder: Path) -> Lane[Ask, Unread, Record]:
        lane = Lane[Ask, Unread, Record](
            self._ask_model,
            name="model",
            weigh=lambda text: 1,
            waiting=self.limits.waiting,
            seconds=self.limits.seconds * _SHARE,
            at_once=_MODEL_AT_ONCE,
            threads=_MODEL_THREADS,
            coming=lambda: self._grammar_lane.held,
            prepare=lambda: self._load(folder),
            on_batch=self.metrics.batches_of("model"),
        )
        self.metrics.watch("model", lambda: lane.waiting)
        return lane

    @contextlib.asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.limits.seconds):
                yield
        except TimeoutError:
            message = f"not done in {self.limits.seconds:g} s: send fewer texts, or try later"
            raise Refused(504, message, code="timeout") from None
        except Full as full:
            raise overloaded(full.seconds) from full

    async def _read(self, texts: Sequence[str], ask: Ask) -> list[Record]:
        read: dict[int, Record | Unread | None] = {}
        if ask.method == "model":
            read = dict(enumerate(map(_for_model, texts)))
        else:
            read = dict(enumerate(await self._exact_lane.do(self._exactly_for(ask), texts)))
            refused = [number for number, one in read.items() if one is None]
            weighed = await self._grammar_lane.do(ask, [texts[number] for number in refused])
            read |= zip(refused, weighed, strict=True)
        left = {number: one for number, one in read.items() if isinstance(one, Unread)}
        if self._model_lane is not None:
            # Whether the grammar was asked before is of no account to the model.
            answered = await self._model_lane.do(replace(ask, method="auto"), [*left.values()])
            read |= zip(left, answered, strict=True)
        return [one for one in read.values() if isinstance(one, dict)]

    def _exactly_for(self, ask: Ask) -> Callable[[str], Record | None]:
        """Give what reads a text that is spelled right; the same for all who ask for no more."""
        return partial(self._exactly, ask) if ask.explained or ask.figures else self._exactly_alone

    def _exactly(self, ask: Ask, text: str) -> Record | None:
        reading = self._grammar.exactly(text)
        return None if reading is None else _record(reading, ask)

    def _exactly_alone(self, text: str) -> Record | None:
        return self._exactly(_ALONE, text)

    def _weigh_all(self, ask: Ask, texts: Sequence[str]) -> list[Record | Unread]:
        return [self._sorted(ask, one) for one in self._weigher.weigh(texts)]

    def _sorted(self, ask: Ask, weighed: Open) -> Record | Unread:
        """Read what is a sentence, or all if no model is to be asked."""
        asks_model = self._model_lane is not None and ask.method == "auto"
        asks_model = asks_model and len(weighed.text) <= MODEL_CHARACTERS
        one = sorted_out(weighed, model=asks_model, figures=ask.figures)
        if isinstance(one, Normalised):
            return _record(one, ask)
        return one if asks_model else _record(self._grammar.finish([weighed])[0], ask)

    def _warm(self) -> None:
        """Build the grammar's tables, for the first who asks not to wait for them."""
        texts = ["drie", "dretien", "hij at om half vijf"]
        self._grammar.read_mixed(texts)
        self._weigher.weigh(texts)

    def _load(self, folder: Path) -> None:
        """Load the model; called in each of its threads, of which the first does it."""
        with self._loading:
            if self.failure is not None:
                return
            try:
                self.model = self.model or Model(folder, base=self._base, dtype=self._dtype)
            except Exception as error:  # noqa: BLE001 - whoever runs the service raises it
                self.failure = error
                self.on_failure()
        share_cores(_MODEL_THREADS)

    def _ask_model(self, ask: Ask, texts: Sequence[Unread]) -> list[Record]:
        """Let the model read texts; called in one of its threads."""
        if self.model is None:
            raise unavailable("the model could not be loaded")
        readings = self.model.read(texts, untuned=ask.model == BASE, kinds=ask.kinds)
        return [_record(reading, ask) for reading in readings]


def _record(read: Reading | Normalised, ask: Ask) -> Record:
    return record(read, explained=ask.explained, figures=ask.figures)


def _each(work: Callable[[str], Any], texts: Sequence[str]) -> list[Any]:
    return [work(text) for text in texts]


def _for_model(text: str) -> Open | Record:
    if len(text) <= MODEL_CHARACTERS:
        return Open(text)
    why = f"too long for a model: {MODEL_CHARACTERS} characters at most"
    return record(Reading(text, None, None, error=why), explained=False)
