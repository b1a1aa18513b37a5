"""Telbench for several contenders: suite by contender, with what each gets wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from getalwoord.data.examples import Example
from getalwoord.data.mixture import Maker
from getalwoord.data.telbench import suite
from getalwoord.data.values import draw_values, is_free
from getalwoord.errors import ParseError
from getalwoord.evaluation.evaluate import answered
from getalwoord.evaluation.scores import Score
from getalwoord.numerals import Normalised, answer_of, normalise, parse, value_of
from getalwoord.reading.decode import Answerer
from getalwoord.reading.loading import load_untuned
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Reading

#: Examples in, their answers out
Contender = Callable[[Sequence[Example]], Sequence[str]]

_SHOTS = 6  # pairs of the same kind that the untuned base is shown


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer."""

    suite: str
    instruction: str
    response: str
    answer: str


@dataclass(frozen=True, slots=True)
class Report:
    """What contenders are worth.

    Attributes:
        scores: By contender and suite.
        mistakes: By contender, all of them.
    """

    scores: Mapping[str, Mapping[str, Score]]
    mistakes: Mapping[str, Sequence[Mistake]]


def measure_suites(
    names: Sequence[str], contenders: Mapping[str, Contender], *, limit: int | None = None
) -> Report:
    """Let contenders answer suites.

    Args:
        names: Of suites.
        contenders: By name.
        limit: So many examples of each suite at most.

    Raises:
        InputError: There is no such suite.
    """
    scores: dict[str, dict[str, Score]] = {name: {} for name in contenders}
    mistakes: dict[str, list[Mistake]] = {name: [] for name in contenders}
    for name in names:
        examples = suite(name)[:limit]
        for contender, answer in contenders.items():
            answers = answer(examples)
            wrong = [
                Mistake(name, example.instruction, example.response, given)
                for example, given in zip(examples, answers, strict=True)
                if given != example.response
            ]
            scores[contender][name] = Score(len(examples) - len(wrong), len(examples))
            mistakes[contender] += wrong
    return Report(scores, mistakes)


def by_grammar(examples: Sequence[Example]) -> list[str]:
    """Answer by the grammar: `parse`, and in sentences `normalise`."""
    return [_by_grammar(example) for example in examples]


def _by_grammar(example: Example) -> str:
    if example.form == "sentence":
        found = normalise(example.instruction).found
        return "; ".join(answer_of(one.numeral.value) for one in found)
    try:
        return answer_of(parse(example.instruction))
    except ParseError:
        return ""


def one_by_one(answer: Callable[[str], str]) -> Contender:
    """Make a contender of a program that answers one text at a time."""
    return lambda examples: [answer(example.instruction) for example in examples]


def by_reader(reader: Reader) -> Contender:
    """Make a contender of a reader: the grammar first, then the model."""

    def answers(examples: Sequence[Example]) -> list[str]:
        read = reader.read_mixed([example.instruction for example in examples])
        return [_answer_of(one) for one in read]

    return answers


def _answer_of(read: Reading | Normalised) -> str:
    if isinstance(read, Normalised):
        return "; ".join(answer_of(found.numeral.value) for found in read.found)
    return "" if read.value is None else answer_of(value_of(read.value, read.unit))


def by_base(name: str, *, dtype: str = "auto") -> Contender:
    """Make a contender of an untuned base, which is shown some pairs of the same kind first.

    Raises:
        InputError: The base cannot be used.
    """
    untuned = load_untuned(name, dtype=dtype)

    @cache
    def answerer(kind: str) -> Answerer:
        return untuned.shown(few_shots([kind]))

    def answers(examples: Sequence[Example]) -> list[str]:
        given: dict[int, str] = {}
        for kind in dict.fromkeys(example.kind for example in examples):
            numbers = [number for number, one in enumerate(examples) if one.kind == kind]
            texts = answered(answerer(kind), [examples[number] for number in numbers])
            given |= zip(numbers, texts, strict=True)
        return [given[number] for number in range(len(examples))]

    return answers


def few_shots(kinds: Sequence[str]) -> str:
    """Give a template that shows some pairs first: of one kind six, of several one or two each."""
    each = -(-_SHOTS // len(kinds))
    pairs = "".join(_shots(kind, each) for kind in kinds)
    return f"{pairs}{{instruction}} ={{response}}"


@cache
def _shots(kind: str, count: int) -> str:
    values = draw_values(kind, count, maximum=999, seed="few-shot", only=is_free)
    maker = Maker(kind, noises=[], strength=0, sentences=0.0, seed="few-shot", held_back=False)
    pairs = [maker.example(value, number) for number, value in enumerate(values)]
    return "".join(f"{pair.instruction} = {pair.response}\n" for pair in pairs)
