"""Greedy decoding: prompts in, answers out, one token at a time with a key/value cache."""

import copy
import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from getalwoord.models.blocks import Cache
from getalwoord.models.decoder import Decoder
from getalwoord.models.packing import packed
from getalwoord.models.tokenizer import Tokenizer
from getalwoord.reading.answers import Answer, Run
from getalwoord.reading.automaton import Automaton
from getalwoord.reading.choose import Constrained, Free
from getalwoord.training.batches import prompt_of

MAX_NEW_TOKENS = 32  # of an answer that may be anything

_ROWS = 256  # in a batch, at most
_PLACES = {"bfloat16": 9216, "float32": 4608}  # in a batch, at most: 170 MB of keys and values
_SHARED = 8  # tokens that prompts must have in common before these are computed apart
_ROOM = 8  # columns that a cache grows by
_STILL_RUNNING = 0.75  # below this share of a batch, finished rows are dropped from it


class Answerer:
    """Answers instructions with the most probable token each time.

    Safe to be called from several threads, which take turns.

    Args:
        decoder: The model.
        tokenizer: The base's.
        template: Makes a prompt of an instruction.
        automaton: What answers may be; None lets the model say what it will.
        end_id: The token that ends an answer; None is the end of sequence.
        doubt: Whether to compute the `doubt` of an answer, which takes the whole vocabulary.
        max_new_tokens: An answer without an automaton that has not ended by then is cut. An
            automaton's answers end by themselves.
    """

    def __init__(
        self,
        decoder: Decoder,
        tokenizer: Tokenizer,
        template: str,
        automaton: Automaton | None = None,
        *,
        end_id: int | None = None,
        doubt: bool = False,
        max_new_tokens: int = MAX_NEW_TOKENS,
    ) -> None:
        self._decoder, self._tokenizer, self._template = decoder, tokenizer, template
        self._end_id = tokenizer.eos_id if end_id is None else end_id
        # An automaton ends every answer by itself.
        self._most = math.inf if automaton else max_new_tokens
        self._longest_draft = None if automaton else max_new_tokens - 1
        self._doubted = doubt and automaton is not None
        self._choose = Constrained(decoder, automaton, doubt=doubt) if automaton else Free(decoder)
        self._prefix: tuple[tuple[int, ...], Cache] | None = None
        self._lock = threading.Lock()

    @property
    def tokenizer(self) -> Tokenizer:
        """The base's."""
        return self._tokenizer

    def among(self, kinds: Sequence[str]) -> "Answerer":
        """Give an answerer of the same model that answers with some kinds of numeral only.

        Raises:
            InputError: There is no such kind.
        """
        other = copy.copy(self)
        automaton = Automaton.of(kinds, self._tokenizer)
        other._choose = Constrained(self._decoder, automaton, doubt=self._doubted)
        return other

    def shown(self, template: str) -> "Answerer":
        """Give an answerer of the same model with another template."""
        other = copy.copy(self)
        other._template = template
        return other

    def share_embedding(self, other: "Answerer") -> None:
        """Use the embedding of an answerer by the same base, and let go of one's own."""
        self._decoder.share_embedding(other._decoder)

    def apart(self) -> "Answerer":
        """Give an answerer by the same model that does not wait while this one answers."""
        other = copy.copy(self)
        other._lock = threading.Lock()
        return other

    def answer(
        self, instructions: Sequence[str], drafts: Sequence[str | None] | None = None
    ) -> list[Answer]:
        """Answer instructions, in their order.

        Args:
            instructions: What to answer.
            drafts: What each answer may be. A draft changes no answer: the model computes it
                along with the prompt, and goes on by itself where it would say another thing. One
                that is right saves a step for each token.

        Source of drafts: Leviathan et al. 2023, "Fast Inference from Transformers via Speculative
        Decoding", https://arxiv.org/abs/2211.17192
        """
        bos, encode = self._tokenizer.bos_id, self._tokenizer.encode
        asked = [
            _Asked(
                (bos, *encode(prompt_of(instruction, self._template))),
                tuple(encode(draft or ""))[: self._longest_draft],
            )
            for instruction, draft in zip(
                instructions, drafts or [None] * len(instructions), strict=True
            )
        ]
        answers: dict[int, Answer] = {}
        with self._lock:
            self._prefix = None  # an answer is the same whatever was asked before
            for batch in _batches(asked, _PLACES[self._decoder.dtype]):
                answered = self._batch([asked[number] for number in batch])
                answers |= zip(batch, answered, strict=True)
                if len(batch) > 1:
                    self._decoder.give_back()
        return [answers[number] for number in range(len(asked))]

    def _batch(self, asked: Sequence["_Asked"]) -> list[Answer]:
        run = Run(len(asked), self._choose.start)
        hidden, cache, positions = self._prefilled(asked)
        self._compare(asked, run, hidden, positions)
        column = positions.shape[1] - _ROOM
        while (live := run.live(self._end_id, self._most)).any():
            if live.mean() <= _STILL_RUNNING and self._decoder.drops_rows:
                run.keep(live)
                cache, positions = self._decoder.rows_of(cache, live), positions[live]
                live = live[live]
            if column + 2 > positions.shape[1]:
                positions = _with_room(positions)
                cache = self._decoder.widened(cache, len(positions), positions.shape[1])
            guesses = self._guesses(run)
            if len(guesses):
                cache, taken = self._branch(run, guesses, positions, cache, column)
                column += taken
                continue
            hidden, cache = self._decoder.forward(
                run.last.astype(np.int32), positions, cache, column
            )
            column += 1
            run.take(self._choose.next(hidden[:, -1], run.states), live)
        return run.answers(self._tokenizer, self._end_id, doubted=self._doubted)

    def _guesses(self, run: Run) -> npt.NDArray[np.int64]:
        """Give the tokens that may come after the last one and are worth computing with it."""
        if len(run.rows) > 1 or not self._decoder.drops_rows:
            return np.empty(0, np.int64)
        return self._choose.guesses(int(run.states[0]))

    def _branch(
        self,
        run: Run,
        guesses: npt.NDArray[np.int64],
        positions: npt.NDArray[np.int32],
        cache: Cache,
        column: int,
    ) -> tuple[Cache, int]:
        """Go on by two tokens of a single answer, if one of the guesses is the first of them.

        For a dozen tokens the weights take hardly longer than for one.

        Returns:
            The cache, and how many of its columns hold the answer's tokens now.
        """
        count = len(guesses)
        places = np.stack([np.zeros(count, np.int32), np.arange(1, count + 1, dtype=np.int32)], 1)
        hidden, branches = self._decoder.forward(
            np.array([run.last[0], *guesses], np.int32),
            np.repeat(positions, count, axis=0),
            self._decoder.widened(cache, count, positions.shape[1]),
            column,
            places=places,
            last=2,
        )
        one = np.ones(1, bool)
        run.take(self._choose.next(hidden[:1, 0], run.states), one)
        chosen = guesses == run.last[0]
        right = bool(chosen.any())
        row = int(chosen.argmax())  # what comes of the last token is the same in all
        if right:
            run.take(self._choose.next(hidden[row : row + 1, 1], run.states), one)
        return self._decoder.rows_of(branches, np.arange(count) == row), 1 + right

    def _compare(
        self,
        asked: Sequence["_Asked"],
        run: Run,
        hidden: Any,
        positions: npt.NDArray[np.int32],
    ) -> None:
        """Take the first token of each answer, and of a draft all that the model says too."""
        end = positions.shape[1] - _ROOM
        lengths = np.array([len(one.draft) for one in asked])
        drafts = np.full((len(asked), int(lengths.max()) + 1), -1)
        for row, one in enumerate(asked):
            drafts[row, : len(one.draft)] = one.draft
        rows, agreed = np.arange(len(asked)), np.ones(len(asked), bool)
        for step in range(int(lengths.max()) + 1):
            before = hidden.shape[1] - 1 - lengths + np.minimum(step, lengths)
            run.take(self._choose.next(hidden[rows, before], run.states), agreed)
            still = agreed & (run.last == drafts[:, step])
            for row in map(int, np.flatnonzero(agreed & ~still)):
                refused = int(lengths[row]) - step
                positions[row, end - refused : end] = -1
                positions[row, end:] -= refused
            agreed = still
            if not agreed.any():
                break

    def _prefilled(self, asked: Sequence["_Asked"]) -> tuple[Any, Cache, npt.NDArray[np.int32]]:
        """Compute prompts and drafts, and what the prompts have in common only once."""
        shared = self._in_common([one.prompt for one in asked])
        longest = self._decoder.rounded(max(map(len, asked)) - shared)
        token_ids, places = packed([(*one.prompt, *one.draft)[shared:] for one in asked], longest)
        before = np.tile(np.arange(shared, dtype=np.int32), (len(asked), 1))
        padding = (places < 0).sum(axis=1, keepdims=True)
        here = np.arange(longest) - padding + shared
        positions = np.concatenate([before, np.where(places < 0, -1, here)], axis=1)
        positions = _with_room(positions.astype(np.int32))
        if shared:
            cache = self._shared(asked[0].prompt[:shared])
            cache = self._decoder.widened(cache, len(asked), positions.shape[1])
        else:
            cache = self._decoder.empty_cache(len(asked), positions.shape[1])
        last = 1 + max(len(one.draft) for one in asked)
        hidden, cache = self._decoder.forward(
            token_ids, positions, cache, shared, places=places, last=last
        )
        return hidden, cache, positions

    def _in_common(self, prompts: Sequence[tuple[int, ...]]) -> int:
        """Tell how many tokens all prompts begin with that are worth computing apart."""
        kept = self._prefix[0] if self._prefix else ()
        if kept and all(prompt[: len(kept)] == kept for prompt in prompts):
            shared = len(kept)
        else:
            first, last = min(prompts), max(prompts)  # all others lie between these two
            differ = (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
            shared = next(differ, len(first)) if first != last else 0
        shared = min(shared, min(map(len, prompts)) - 1)  # of each prompt something is left
        return shared if shared >= _SHARED else 0

    def _shared(self, prefix: tuple[int, ...]) -> Cache:
        if self._prefix is None or self._prefix[0] != prefix:
            positions = np.arange(len(prefix), dtype=np.int32)[None]
            cache = self._decoder.empty_cache(1, len(prefix))
            token_ids, places = packed([prefix], len(prefix))
            _, cache = self._decoder.forward(token_ids, positions, cache, 0, places=places)
            self._prefix = prefix, cache
        return self._prefix[1]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A prompt and what the answer may be, as token ids."""

    prompt: tuple[int, ...]
    draft: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.draft)


def _batches(asked: Sequence[_Asked], places: int) -> Iterator[list[int]]:
    """Put together what begins alike and is about as long; gives numbers."""

    def likeness(number: int) -> tuple[int, tuple[int, ...]]:
        return len(asked[number]).bit_length(), asked[number].prompt

    batch: list[int] = []
    longest = 0
    for number in sorted(range(len(asked)), key=likeness):
        longest = max(longest, len(asked[number]))
        if batch and (len(batch) == _ROWS or (len(batch) + 1) * (longest + _ROOM) > places):
            yield batch
            batch, longest = [], len(asked[number])
        batch.append(number)
    if batch:
        yield batch


def _with_room(positions: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Add columns that go on from the last position of each row."""
    more = positions[:, -1:] + np.arange(1, _ROOM + 1, dtype=np.int32)
    return np.concatenate([positions, more], axis=1)
