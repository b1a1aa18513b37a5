"""The main job on the real Gemma 3 270M: it computes what PEFT computes, and it learns."""

import numpy as np
import pytest
import torch

from getalwoord import spell
from getalwoord.adapter import Adapter
from getalwoord.models.bases import EMBEDDED, load_base
from getalwoord.models.cache import cache_folder
from getalwoord.models.low_rank import TARGET_MODULES, attach, detach
from getalwoord.pipeline import finetune
from getalwoord.recipe import Recipe
from getalwoord.training.events import Scored
from getalwoord.training.watch import Step

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.mark.witness
def test_an_adapter_computes_as_transformers_and_peft_do(tmp_path):
    """
    The adapter goes through its folder, as a user of PEFT would take it.

    Both compute in float32 and add up in another order, over 18 layers with logits up to 70; the
    bound is 2⁻¹³ of the largest. A and B are drawn so large that they move logits by several
    units.
    """
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = load_base(EMBEDDED, dtype="float32")
    recipe = Recipe(rank=3, alpha=5.0)
    projections = attach(base.backbone, rank=3, alpha=5.0, target_modules=TARGET_MODULES, seed=0)
    draw = np.random.default_rng(0)
    for layer in projections.values():
        layer.lora_b.assign(draw.normal(0, 0.02, layer.lora_b.shape).astype("float32"))
    Adapter.of(projections, recipe, base).save(tmp_path)

    folders = cache_folder().glob(f"{base.sha256[:16]}-[0-9]*/config.json")
    newest = max(folders, key=lambda path: path.stat().st_mtime).parent
    model = AutoModelForCausalLM.from_pretrained(
        newest, dtype=torch.float32, attn_implementation="eager"
    )
    model = PeftModel.from_pretrained(model, tmp_path)
    for text in (f"{spell(483)}=483", "De hoofdstad van Nederland is", spell(10**15 + 7)):
        ids = np.array([[base.tokenizer.bos_id, *base.tokenizer.encode(text)]])
        with torch.no_grad():
            hidden = base.backbone({"token_ids": ids, "padding_mask": np.ones_like(ids)})
            ours = base.backbone.token_embedding(hidden, reverse=True).numpy()
            theirs = model(torch.from_numpy(ids)).logits.numpy()
            with model.disable_adapter():
                plain = model(torch.from_numpy(ids)).logits.numpy()
        largest = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=2**-13 * largest)
        assert np.abs(plain - theirs).max() > 2**-7 * largest, "the adapter changed nothing"
    detach(base.backbone)


def test_the_base_knows_no_numeral_and_learns_from_sixty(tmp_path):
    recipe = Recipe(
        count=60,
        maximum=99,
        validation=15,
        test=20,
        epochs=4,
        validations_per_epoch=1,
        warmup=0.1,
        clip_norm=1.0,
    )
    events = []

    result = finetune(recipe, tmp_path / "run", on_event=events.append)

    steps = [event for event in events if isinstance(event, Step)]
    before, after = (event for event in events if isinstance(event, Scored))
    assert before.right == result.summary["em_before"] == 0
    assert after.right > before.right
    # Each is the mean of an epoch so far; the last step of an epoch has that of all of it.
    losses = [step.loss for step in steps if step.step % 4 == 0]
    assert all(np.diff(losses) < 0)
    assert steps[-1].accuracy > steps[3].accuracy
    matches = [s.validation_exact_match for s in steps if s.validation_exact_match is not None]
    assert matches[-1] > matches[0]
