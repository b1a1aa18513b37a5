"""Recipes and their files."""

import re
from importlib import resources

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from getalwoord.errors import InputError
from getalwoord.recipe import Recipe

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
POSITIVE = st.floats(0, exclude_min=True, allow_infinity=False)
MODULES = ("query", "key", "value", "output", "gate", "up", "down")
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "base": TEXTS.filter(bool),
        "dtype": st.sampled_from(["auto", "bfloat16", "float32"]),
        "count": st.integers(1, 10**7),
        "minimum": st.integers(-(10**18) + 1, 1),
        "maximum": st.integers(1, 10**18 - 1),
        "sampling": st.sampled_from(["uniform", "log-uniform", "covering"]),
        "replacement": st.booleans(),
        "seed": st.integers(0),
        "template": TEXTS.filter(lambda text: "{" not in text).map(
            lambda text: f"{text}{{instruction}}{text}{{response}}"
        ),
        "alpha": st.none() | POSITIVE,
        "target_modules": st.lists(st.sampled_from(MODULES), min_size=1, unique=True).map(tuple),
        "learning_rate": POSITIVE,
        "clip_norm": st.none() | POSITIVE,
        "stop_at_exact_match": st.none() | st.floats(0, 1, exclude_min=True),
    },
).filter(lambda given: not (given.get("replacement") and given.get("sampling") == "covering"))


@given(settings=SETTINGS)
@example(settings={"base": '\x7f \x00 \u2028 \\ " \r\n \t \ue000 😀'})
def test_a_saved_recipe_loads_back_equal(settings, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "recipe.toml"
    recipe = Recipe.of(settings, "test")
    recipe.save(path)
    assert Recipe.load(path) == recipe


@given(settings=SETTINGS)
def test_a_recipe_survives_json(settings):
    recipe = Recipe.of(settings, "test")
    assert Recipe.of(recipe.model_dump(mode="json"), "test") == recipe
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_covering_is_without_replacement():
    with pytest.raises(InputError, match="covering chooses each number once"):
        Recipe.of({"sampling": "covering", "replacement": True}, "test")


def test_the_recipe_post_has_the_original_hyper_parameters():
    recipe = Recipe.load("post")
    found = recipe.model_dump(exclude={"base", "dtype", "validation", "test", "seed"})
    assert found == {
        "quantize": None,
        "count": 1000,
        "minimum": 1,
        "maximum": 1000,
        "sampling": "uniform",
        "replacement": True,
        "kinds": ("cardinal",),
        "noise": (),
        "noise_strength": 1,
        "sentences": 0.0,
        "template": "Instruction:\n{instruction}\n\nResponse:\n{response}",
        "sequence_length": 27,
        "subword_cuts": 0.0,
        "start_from": None,
        "rank": 4,
        "alpha": None,
        "target_modules": ("query", "value"),
        "first_block": 0,
        "full_vocabulary_every": 1,
        "learning_rate": 5e-5,
        "schedule": "constant",
        "warmup": 0.0,
        "weight_decay": 0.01,
        "clip_norm": None,
        "batch_size": 1,
        "gradient_accumulation": 1,
        "gradient_checkpointing": False,
        "epochs": 20,
        "validations_per_epoch": 1,
        "stop_at_exact_match": None,
    }


def test_the_recipe_default_learns_from_at_most_300_pairs_and_tests_on_300():
    recipe = Recipe.load("default")
    assert recipe.count <= 300
    assert recipe.count * recipe.epochs <= 1500
    assert recipe.test >= 300
    assert (recipe.minimum, recipe.maximum) == (1, 999)


def test_every_packaged_recipe_loads():
    folder = resources.files("getalwoord") / "recipes"
    names = sorted(path.name.removesuffix(".toml") for path in folder.iterdir())
    assert {"all", "default", "post"} == set(names)
    for name in names:
        assert isinstance(Recipe.load(name), Recipe)


def test_alpha_equals_the_rank_unless_it_is_set():
    assert Recipe.of({"rank": 8}, "test").scale_alpha == 8.0
    assert Recipe.of({"rank": 8, "alpha": 16.0}, "test").scale_alpha == 16.0


def test_changes_that_are_none_change_nothing():
    recipe = Recipe.load("post")
    assert recipe.but("test", rank=None) == recipe
    assert recipe.but("test", rank=8, seed=None) == recipe.model_copy(update={"rank": 8})


def test_a_recipe_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().rank = 8


def test_every_setting_has_a_sentence_of_description():
    for field in Recipe.model_fields.values():
        assert re.fullmatch(r"[A-Z a-z].*\.", field.description)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbfrank = 8\r\n")
    assert Recipe.load(path).rank == 8


WRONG = {
    "an unknown name": ("epoch = 3", ': there is no setting "epoch"; did you mean "epochs"?'),
    "an outlandish name": ("zzz = 3", ': there is no setting "zzz"'),
    "below its limit": ("rank = 0", ': "rank" is 0: it should be greater than or equal to 1'),
    "a string for a number": ('count = "5"', ": \"count\" is '5': it should be a valid integer"),
    "a truth for a number": ("count = true", ': "count" is True: it should be a valid integer'),
    "no number": ("learning_rate = nan", ': "learning_rate" is nan: it should be a finite number'),
    "none of the choices": (
        'schedule = "linear"',
        ": \"schedule\" is 'linear': it should be 'cosine' or 'constant'",
    ),
    "an unknown module": (
        'target_modules = ["query", "keys"]',
        ": \"target_modules.1\" is 'keys': it should be 'query', 'key', 'value', 'output', 'gate'",
    ),
    "no module": ("target_modules = []", ': "target_modules" is []: '),
    "a module twice": (
        'target_modules = ["up", "up"]',
        ": target_modules names a module twice: ('up', 'up')",
    ),
    "ends the wrong way round": (
        "minimum = 7\nmaximum = 5",
        ": minimum 7 is above maximum 5",
    ),
    "a template without a response": (
        'template = "{instruction} ="',
        ": template is '{instruction} =': it should hold {instruction} once and end with {respon",
    ),
    "a template with two responses": (
        'template = "{response}{instruction}{response}"',
        ": template is '{response}{instruction}{response}': it should hold {instruction} once",
    ),
    "a table": ("[adapter]\nrank = 4", ': there is no setting "adapter"'),
    "no TOML": ("rank: 4", " is not valid TOML: "),
    "endless digits": ("seed = " + "1" * 5000, " is not valid TOML: "),
    "endless nesting": ("seed = " + "[" * 5000, " is not valid TOML: "),
}


@pytest.mark.parametrize(("text", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_file_setting_and_value(text, reason, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="^" + re.escape(f"{path}{reason}")):
        Recipe.load(path)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"rank = \xff")
    with pytest.raises(InputError, match=r"mine\.toml is not UTF-8 text"):
        Recipe.load(path)


def test_an_unknown_recipe_says_which_there_are(tmp_path):
    with pytest.raises(
        InputError, match='no recipe "fast": give default, post, all or the path of a'
    ):
        Recipe.load("fast")
    with pytest.raises(InputError, match=r"cannot read .*: it is a folder, not a file"):
        Recipe.load(tmp_path)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [({"kinds": ["colour"]}, 'kinds has "colour"'), ({"noise": ["typo"]}, 'noise has "typo"')],
)
def test_kinds_and_noise_that_there_are_not_are_refused(setting, reason):
    with pytest.raises(InputError, match=reason):
        Recipe.of(setting, "test")
