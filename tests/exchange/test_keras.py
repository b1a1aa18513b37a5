"""KerasHub loads what is exported for it, and its own adapters are taken in."""

import os
import subprocess
import sys

import numpy as np
import pytest

from getalwoord.adapter import Adapter
from getalwoord.errors import AdapterError, InputError
from getalwoord.exchange.export import export
from getalwoord.exchange.keras import LORA
from getalwoord.exchange.taking_in import import_adapter
from getalwoord.models.bases import load_base
from getalwoord.models.low_rank import TARGET_MODULES

FAMILIES = ["gemma", "gemma2", "gemma3"]
TEMPLATE = "lees {instruction} = {response}"
LAYERS = ["attention_output", "ffw_gating", "ffw_gating_2", "ffw_linear", "key", "query", "value"]


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_keras_hub_computes_the_same_with_the_preset(tuned, family, tmp_path, logits_of):
    import keras_hub

    made = tuned(family)

    export(made.folder, tmp_path / "keras", to="keras", dtype="float32")

    backbone = keras_hub.models.Backbone.from_preset(str(tmp_path / "keras"), dtype="float32")
    assert backbone.trainable
    np.testing.assert_allclose(logits_of(backbone), made.logits, rtol=0, atol=1e-3)


@pytest.mark.witness
@pytest.mark.parametrize(
    ("family", "modules"),
    [*((family, TARGET_MODULES) for family in FAMILIES), ("gemma3", ("query", "value", "down"))],
)
def test_keras_hub_computes_the_same_with_the_adapter(
    tuned, family, modules, tmp_path, logits_of, tiny_preset
):
    """
    Rank 2 with four heads is rank 8 there, and rank 2 again when it comes back.
    """
    import keras_hub

    made = tuned(family, modules)
    export(made.folder, tmp_path / "keras", to="keras")
    card = (tmp_path / "keras" / "README.md").read_text()
    names = [name for name in LAYERS if f"'{name}'" in card]
    assert len(names) == len(modules)
    assert f"enable_lora(8, target_layer_names={names})" in card

    backbone = keras_hub.models.Backbone.from_preset(str(tiny_preset(family)), dtype="float32")
    plain = logits_of(backbone)
    backbone.enable_lora(8, target_layer_names=names)
    backbone.load_lora_weights(str(tmp_path / "keras" / LORA))
    np.testing.assert_allclose(logits_of(backbone), made.logits, rtol=0, atol=1e-3)
    assert np.abs(plain - made.logits).max() > 1

    back = import_adapter(
        tmp_path / "keras" / LORA, tmp_path / "back", base=str(made.base), template=TEMPLATE
    )
    assert back.recipe.rank == 2
    for target, (a, b) in Adapter.load(made.folder).matrices.items():
        assert np.array_equal(back.matrices[target][0], a)
        assert np.array_equal(back.matrices[target][1], b * np.float32(2.5))


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_an_adapter_of_keras_hub_is_taken_in(family, tmp_path, logits_of, tiny_preset):
    import keras_hub

    preset = str(tiny_preset(family))
    backbone = keras_hub.models.Backbone.from_preset(preset, dtype="float32")
    backbone.enable_lora(3, target_layer_names=["query", "value", "attention_output", "ffw_gating"])
    draw = np.random.default_rng(0)
    for layer in backbone._flatten_layers(include_self=False):
        if getattr(layer, "lora_enabled", False):
            for variable in (layer.lora_kernel_a, layer.lora_kernel_b):
                variable.assign(draw.normal(0, 0.2, variable.shape))
    backbone.save_lora_weights(str(tmp_path / "theirs.lora.h5"))

    import_adapter(tmp_path / "theirs.lora.h5", tmp_path / "ours", base=preset, template=TEMPLATE)

    taken = Adapter.load(tmp_path / "ours")
    assert taken.recipe.target_modules == ("query", "value", "output", "gate")
    assert taken.recipe.rank == 12  # of each of four heads
    base = load_base(preset, dtype="float32")
    taken.apply(base)
    np.testing.assert_allclose(logits_of(base.backbone), logits_of(backbone), rtol=0, atol=1e-3)


def test_a_damaged_or_foreign_file_is_refused(tuned, tmp_path, tiny_base_dir, tiny_gemma):
    export(tuned("gemma3").folder, tmp_path / "keras", to="keras")
    whole = (tmp_path / "keras" / LORA).read_bytes()
    (tmp_path / "cut.lora.h5").write_bytes(whole[:5000])

    for path, base, reason in (
        (tmp_path / "cut.lora.h5", tiny_base_dir, "is no LoRA of KerasHub for this base"),
        (tmp_path / "keras" / LORA, tiny_gemma("gemma"), "for this base|projection of the base"),
        (tmp_path / "keras" / "model.weights.h5", tiny_base_dir, "is no LoRA of KerasHub"),
    ):
        with pytest.raises(AdapterError, match=reason):
            import_adapter(path, tmp_path / "ours", base=str(base), template=TEMPLATE)
    assert not (tmp_path / "ours").exists()


def test_a_gemma_3_that_keras_hub_would_get_wrong_is_refused(tuned, tmp_path):
    with pytest.raises(InputError, match="KerasHub scales the queries"):
        export(tuned("gemma3_27b").folder, tmp_path / "keras", to="keras")
    assert not (tmp_path / "keras").exists()


PROGRAM = """
import sys
import keras_hub

for folder in sys.argv[1:]:
    model = keras_hub.models.CausalLM.from_preset(folder, dtype="float32")
    model.compile(sampler="greedy")
    print("SAID", type(model).__name__, repr(model.generate("lees acht = ", max_length=14)))
"""


@pytest.mark.witness
@pytest.mark.slow
def test_the_presets_are_whole_text_models(tuned, tmp_path):
    """
    As a user without getalwoord loads them: tokenizer and preprocessor included.
    """
    from getalwoord.models.decoder import Decoder
    from getalwoord.reading.decode import Answerer

    folders = [tmp_path / "gemma2", tmp_path / "gemma3"]
    expected = []
    for folder in folders:
        made = tuned(folder.name)
        export(made.folder, folder, to="keras", dtype="float32")
        base = load_base(str(made.base), dtype="float32")
        Adapter.load(made.folder).apply(base)
        tokens = 14 - 1 - len(base.tokenizer.encode("lees acht = "))
        answerer = Answerer(Decoder(base.backbone), base.tokenizer, TEMPLATE, max_new_tokens=tokens)
        expected.append(answerer.answer(["acht"])[0].text)

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, folders)],
        env={**os.environ, "KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    said = [line.split(" ", 2)[1:] for line in done.stdout.splitlines() if line[:5] == "SAID "]
    assert [kind for kind, _ in said] == ["GemmaCausalLM", "Gemma3CausalLM"]
    for (_, text), answer in zip(said, expected, strict=True):
        assert eval(text).removeprefix("lees acht = ").strip() == answer
