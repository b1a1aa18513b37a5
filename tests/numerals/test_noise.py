"""Noise makes mistakes that people and machines make, and never another number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getalwoord.errors import InputError, ParseError
from getalwoord.numerals import NOISES, add_noise, parse, parse_all, spell
from getalwoord.numerals.noise import is_held_back, names_another

numbers = st.integers(0, 10**9)
names = st.lists(st.sampled_from(sorted(NOISES)), min_size=1, unique=True)


@given(numbers, names, st.integers(0, 3), st.text(max_size=5), st.booleans())
@settings(deadline=None)
def test_a_noisy_text_is_never_a_valid_other_number(number, noises, strength, seed, held_back):
    text, made = add_noise(spell(number), number, noises, strength, seed, held_back=held_back)
    assert len(made) <= strength
    try:
        assert {numeral.value for numeral in parse_all(text)} == {number}
    except ParseError:
        assert made


def test_what_has_become_another_number_is_told():
    assert names_another("vierhonderd", 100)
    assert not names_another("vierhonderdd", 400)
    assert names_another("vijf", 15)
    assert "vijf tien" not in {
        add_noise("vijftien", 15, ["split"], 1, str(n))[0] for n in range(50)
    }


def test_the_same_seed_makes_the_same_mistakes():
    first, second = (add_noise("vierendertig", 34, list(NOISES), 3, "a") for _ in range(2))
    assert first == second
    assert len({add_noise("vierendertig", 34, list(NOISES), 3, str(n))[0] for n in range(50)}) > 30


def test_strength_is_the_number_of_mistakes():
    made = [add_noise(spell(483_921), 483_921, list(NOISES), n, "a")[1] for n in range(4)]
    assert list(map(len, made)) == [0, 1, 2, 3]


@given(numbers, st.sampled_from(sorted(NOISES)), st.text(max_size=5))
@settings(deadline=None)
def test_patterns_of_the_test_are_never_those_of_training(number, noise, seed):
    for held_back in (False, True):
        _, made = add_noise(spell(number), number, [noise], 2, seed, held_back=held_back)
        for name in made:
            assert is_held_back(*name.split(": ", maxsplit=1)) == held_back


@pytest.mark.parametrize("noise", sorted(set(NOISES) - {"trema"}))
def test_every_noise_has_patterns_for_training_and_for_the_test(noise):
    texts = [spell(n) for n in (2222, 88, 1_000_013, 999_777, 14, 55_430)] + [
        "drie euro vijftig",
        "kwart over acht 's avonds",
        "anderhalf procent",
    ]
    patterns = {pattern for text in texts for pattern, _ in NOISES[noise](text)}
    assert {is_held_back(noise, pattern) for pattern in patterns} == {False, True}


def test_the_marks_of_the_trema_are_lost():
    texts = {add_noise("tweeëndrieëntwintig", 0, ["trema"], 1, str(n))[0] for n in range(9)}
    assert texts <= {"tweeendrieëntwintig", "tweeëndrieentwintig", "tweeëndrieëntwintig"}


@pytest.mark.parametrize(
    ("noises", "strength", "reason"),
    [(["typo"], 1, 'there is no noise "typo"'), (["lost"], 4, "the strength of noise is 0 to 3")],
)
def test_what_there_is_not_is_refused(noises, strength, reason):
    with pytest.raises(InputError, match=reason):
        add_noise("drie", 3, noises, strength, "a")


def test_many_noisy_numerals_are_still_read():
    right = 0
    for number in range(1000, 200_000, 997):
        text, _ = add_noise(spell(number), number, ["trema", "split", "joined"], 3, str(number))
        right += parse(text) == number
    assert right == len(range(1000, 200_000, 997))
