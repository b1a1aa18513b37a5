"""How much a request may ask for, and how much may wait."""

from dataclasses import dataclass

BODY = 1 << 18  # bytes of a request
TEXTS = 256  # in a request
CHARACTERS = 10_000  # of a text
MODEL_CHARACTERS = 500  # of a text that the model is asked for; no numeral has more
CONNECTIONS = 1000
HEAD_SECONDS = 10.0  # in which a request's head must have come
BODY_SECONDS = 10.0  # in which its body must


@dataclass(frozen=True, slots=True)
class Limits:
    """What whoever runs the service may choose.

    Attributes:
        waiting: Texts that may wait for the model, and as many that may wait to be weighed: so many
            as are done in a few seconds, for what is accepted not to be late.
        seconds: In which a request is answered, or told that it was not.
    """

    waiting: int = 100
    seconds: float = 30.0
