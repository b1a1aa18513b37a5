"""The low-rank update computes what PEFT computes, learns what plain LoRA learns, and no more."""

import math

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from getalwoord.errors import InputError
from getalwoord.models import keras
from getalwoord.models.answer_model import answer_model
from getalwoord.models.bases import load_base
from getalwoord.models.blocks import settings_of
from getalwoord.models.frozen import FrozenNorm
from getalwoord.models.lean_blocks import RotaryAngles
from getalwoord.models.low_rank import TARGET_MODULES, attach, detach
from getalwoord.models.packing import trees
from getalwoord.models.torch_kernels import turned

FAMILIES = ["gemma", "gemma2", "gemma3"]
RANK, ALPHA = 3, 5.0
# Both compute in float32 and add up in another order: a few units in the last of 24 bits, over
# at most six layers, on values up to 10. With alpha or a matrix wrong, the first digit changes.
TOLERANCE = {"rtol": 0, "atol": 1e-4}
# Longer than the sliding window of four tokens.
TOKENS = np.random.default_rng(0).integers(4, 640, (2, 11))
INPUTS = {"token_ids": TOKENS, "padding_mask": np.ones_like(TOKENS)}
_MADE = trees(TOKENS.tolist(), rows=2)  # one text in each
IN_TREES = _MADE.inputs
ALL_ASKED = IN_TREES | {"positions": np.concatenate(_MADE.paths).astype("int32")}


@pytest.fixture(scope="module")
def base_of(tiny_gemma):
    bases = {}

    def give(family="gemma3"):
        if family not in bases:
            bases[family] = load_base(str(tiny_gemma(family)), dtype="float32")
        detach(bases[family].backbone)
        return bases[family]

    return give


def attach_all(base, *, rank=RANK, alpha=ALPHA, modules=TARGET_MODULES, seed=0):
    return attach(base.backbone, rank=rank, alpha=alpha, target_modules=modules, seed=seed)


def draw(projections):
    """Draw A and B of all projections, so large that they change every answer."""
    random = np.random.default_rng(1)
    for layer in projections.values():
        for variable in (layer.lora_a, layer.lora_b):
            variable.assign(random.normal(0, 0.2, variable.shape).astype("float32"))


def peft_model(folder, projections):
    """Transformers' model with PEFT's layers, holding the same A and B."""
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    names = sorted({target.peft_name.rsplit(".", 1)[1] for target in projections})
    model = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=names))
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for target, layer in projections.items():
            prefix = f"base_model.model.{target.peft_name}"
            parameters.pop(f"{prefix}.lora_A.default.weight").copy_(layer.lora_a.value)
            parameters.pop(f"{prefix}.lora_B.default.weight").copy_(layer.lora_b.value)
    assert not [name for name in parameters if "lora" in name]
    return model


def hidden_and_logits(base):
    with torch.no_grad():
        hidden = base.backbone(INPUTS)
        return hidden.numpy(), base.backbone.token_embedding(hidden, reverse=True).numpy()


def gradients(projections, loss, model=None):
    """Gradients of all A and B, by target and name; those of an answer model, if one is given."""
    for layer in projections.values():
        for variable in (layer.lora_a, layer.lora_b):
            variable.value.grad = None
    loss.backward()
    if model is not None:
        for variable, gradient in zip(model.trained, model.gradients(), strict=True):
            variable.value.grad = gradient
    return {
        (target, variable.name): variable.value.grad.numpy().copy()
        for target, layer in projections.items()
        for variable in (layer.lora_a, layer.lora_b)
    }


def bits(variable):
    return keras.ops.convert_to_numpy(variable).tobytes()


def assert_near(ours, theirs, bound=1e-5):
    """Compare arrays by the size of their difference against their own."""
    assert np.linalg.norm(ours - theirs) <= bound * np.linalg.norm(theirs)
    assert np.linalg.norm(theirs) > 0


@pytest.mark.witness
@pytest.mark.parametrize("family", FAMILIES)
def test_outputs_equal_those_of_transformers_and_peft(base_of, tiny_gemma, family):
    """
    KerasHub's blocks with the projections, and the answer model that is trained.
    """
    base = base_of(family)
    plain = hidden_and_logits(base)
    projections = attach_all(base)
    draw(projections)

    hidden, logits = hidden_and_logits(base)
    with torch.no_grad():
        trained = answer_model(base.backbone)(ALL_ASKED).numpy().reshape(logits.shape)

    with torch.no_grad():
        theirs = peft_model(tiny_gemma(family), projections)(
            torch.from_numpy(TOKENS), output_hidden_states=True
        )
    np.testing.assert_allclose(hidden, theirs.hidden_states[-1].numpy(), **TOLERANCE)
    for ours in (logits, trained):
        np.testing.assert_allclose(ours, theirs.logits.numpy(), **TOLERANCE)
    assert np.abs(hidden - plain[0]).max() > 0.1, "the update changed nothing"


@pytest.mark.witness
@pytest.mark.parametrize("modules", [TARGET_MODULES, ("key", "gate", "up"), ("value", "down")])
@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_equal_those_of_transformers_and_peft(base_of, tiny_gemma, family, modules):
    base = base_of(family)
    projections = attach_all(base, modules=modules)
    draw(projections)
    weights = torch.from_numpy(np.random.default_rng(2).normal(size=(*TOKENS.shape, 640))).float()

    hidden = base.backbone(INPUTS)
    plain = base.backbone.token_embedding(hidden, reverse=True)
    found = [gradients(projections, (plain * weights).mean())]
    model = answer_model(base.backbone)
    trained = model(ALL_ASKED).view(weights.shape)
    found.append(gradients(projections, (trained * weights).mean(), model))

    model = peft_model(tiny_gemma(family), projections)
    (model(torch.from_numpy(TOKENS)).logits * weights).mean().backward()
    theirs = {name: p.grad.numpy() for name, p in model.named_parameters() if p.requires_grad}
    for ours in found:
        assert len(theirs) == len(ours)
        for (target, name), gradient in ours.items():
            letter = name.removeprefix("lora_").upper()
            their_name = f"base_model.model.{target.peft_name}.lora_{letter}.default.weight"
            assert_near(gradient, theirs[their_name], bound=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_in_bfloat16_logits_and_gradients_are_those_of_float32_but_for_rounding(tiny_gemma, family):
    """
    Eight bits, over at most six layers and back; a factor left out would change the first digit.
    """
    found = []
    for dtype in ("float32", "bfloat16"):
        base = load_base(str(tiny_gemma(family)), dtype=dtype)
        projections = attach_all(base)
        draw(projections)
        model = answer_model(base.backbone)
        logits = model(ALL_ASKED)
        assert str(logits.dtype) == f"torch.{dtype}"
        weights = torch.from_numpy(np.random.default_rng(2).normal(size=logits.shape)).float()
        made = gradients(projections, (logits.float() * weights).mean(), model)
        found.append([logits.detach().float().numpy(), *made.values()])
    for one, other in zip(*found, strict=True):
        assert_near(other, one, bound=0.1)


@pytest.mark.parametrize("module", TARGET_MODULES)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_projection_equals_an_explicit_product(base_of, family, module):
    """
    Value, gradient of the input, and gradients of A and B. The explicit one is KerasHub's own
    projection and B·A.
    """
    projections = attach_all(base_of(family), modules=[module])
    draw(projections)
    layer = next(iter(projections.values()))
    inputs = {"output": (4, 16), "down": (64,)}.get(module, (32,))
    random = np.random.default_rng(3)
    drawn = torch.from_numpy(random.normal(size=(2, 5, *inputs))).float()

    def explicit(x):
        update = ALPHA / RANK * (layer.lora_b.value @ layer.lora_a.value)  # (outputs, inputs)
        y = layer.frozen(x)
        return y + (x.flatten(2) @ update.T).reshape(y.shape)

    assert layer.lora_a.shape == (RANK, math.prod(inputs))
    found = []
    for compute in (layer, explicit):
        x = drawn.clone().requires_grad_()
        y = compute(x)
        weights = torch.from_numpy(np.random.default_rng(4).normal(size=y.shape)).float()
        made = gradients({module: layer}, (y * weights).sum())
        found.append([y.detach().numpy(), x.grad.numpy(), *made.values()])
    for ours, reference in zip(*found, strict=True):
        assert_near(ours, reference)


def test_a_projection_keeps_the_dtype_of_its_input_and_trains_in_float32(tiny_gemma):
    base = load_base(str(tiny_gemma("gemma3")), dtype="bfloat16")
    projections = attach_all(base)
    draw(projections)
    layer = projections[next(iter(projections))]
    x = torch.randn(1, 3, 32).bfloat16()

    y = layer(x)

    assert y.dtype == torch.bfloat16
    assert layer.lora_a.value.dtype == layer.lora_b.value.dtype == torch.float32
    assert all(g.dtype == np.float32 for g in gradients({"": layer}, y.float().sum()).values())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_norm_equals_keras_hubs_in_value_and_gradient(base_of, family):
    norm = base_of(family).backbone.layer_norm
    assert_same_passes(FrozenNorm(norm), norm, (2, 7, norm.scale.shape[0]))


@pytest.mark.parametrize("family", FAMILIES)
def test_angles_turn_as_kerashubs_rotary_embeddings_do(base_of, family):
    base = base_of(family)
    size = settings_of(base.backbone).size
    depths = torch.tensor([[0, 1, 1, 2, 2, 5], [2, 0, 1, 4, 0, 0]])
    for block in base.backbone.transformer_layers:
        rotary = block.attention.rope_layer
        layer = RotaryAngles(rotary, size, dtype="float32")
        for chosen in (depths[:, :3], depths):  # the second time from what is kept

            def theirs(x, chosen=chosen, rotary=rotary):
                """Turn each token alone, at its place in a longer text."""
                rows = torch.arange(2)
                parts = []
                for column in range(chosen.shape[1]):
                    whole = x.new_zeros(2, 12, 3, size)
                    whole[rows, chosen[:, column]] = x[:, column]
                    parts.append(rotary(whole, start_index=0)[rows, chosen[:, column]])
                return torch.stack(parts, dim=1)

            def ours(x, chosen=chosen, layer=layer):
                return turned(x, *layer(chosen).chunk(2, dim=-1))

            assert_same_passes(ours, theirs, (2, chosen.shape[1], 3, size))


def assert_same_passes(ours, theirs, shape):
    """Compare two layers forwards and backwards, on one drawn input."""
    drawn = torch.from_numpy(np.random.default_rng(5).normal(size=shape)).float()
    weights = torch.from_numpy(np.random.default_rng(6).normal(size=shape)).float()
    found = []
    for compute in (ours, theirs):
        x = drawn.clone().requires_grad_()
        y = compute(x)
        (y * weights).sum().backward()
        found.append((y.detach().numpy(), x.grad.numpy()))
    for one, other in zip(*found, strict=True):
        assert_near(one, other)


def fitted(base, projections, steps=3, **settings):
    """Train on a batch for some steps with plain Keras, and give the answer model."""
    model = answer_model(base.backbone)
    model.compile(
        optimizer=keras.optimizers.SGD(1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        **settings,
    )
    positions = np.array([3, 4, 14, 15], "int32")
    targets = np.array([7, 8, 9, 10], "int32")
    for _ in range(steps):
        model.train_on_batch({**IN_TREES, "positions": positions}, targets)
    return model


def test_training_leaves_the_base_bit_for_bit_as_it_was(base_of):
    base = base_of()
    former = {v.path: bits(v) for v in base.backbone.variables}
    projections = attach_all(base)
    started = {target: bits(layer.lora_a) for target, layer in projections.items()}
    fitted(base, projections)

    for target, layer in projections.items():
        assert layer.lora_b.value.any(), target
        assert bits(layer.lora_a) != started[target], target
    detach(base.backbone)
    assert {v.path: bits(v) for v in base.backbone.variables} == former


def test_only_the_updates_are_trained_and_each_variable_has_its_own_path(base_of):
    """
    On torch, Keras zeroes the gradients of the variables that it finds by their path.
    """
    base = base_of("gemma2")
    projections = attach_all(base)
    model = answer_model(base.backbone)

    paths = [variable.path for variable in model.trainable_variables]
    assert len(paths) == len(set(paths)) == 2 * len(projections) == 2 * 7 * 4


def test_gradients_do_not_pile_up_from_step_to_step(base_of):
    """
    With a learning rate of zero every step has the same gradient.
    """
    base = base_of()
    projections = attach_all(base)
    draw(projections)
    model = fitted(base, projections, steps=1)
    model.optimizer.learning_rate = 0.0
    seen = []
    for _ in range(3):
        positions = np.array([3, 4], "int32")
        model.train_on_batch({**IN_TREES, "positions": positions}, np.array([7, 8], "int32"))
        seen.append([gradient.numpy().copy() for gradient in model.gradients()])
    for first, second, third in zip(*seen, strict=True):
        np.testing.assert_allclose(second, first, rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(third, first, rtol=1e-4, atol=1e-7)
        assert np.any(first)


def test_an_untrained_update_changes_no_answer(base_of):
    base = base_of("gemma2")
    hidden, _ = hidden_and_logits(base)
    attach_all(base)

    # Only the products are computed in another order.
    np.testing.assert_allclose(hidden_and_logits(base)[0], hidden, **TOLERANCE)


@pytest.mark.parametrize("family", FAMILIES)
def test_detaching_restores_the_model(base_of, family):
    base = base_of(family)
    hidden, logits = hidden_and_logits(base)
    layers = set(map(id, base.backbone._flatten_layers()))
    draw(attach_all(base))
    assert set(map(id, base.backbone._flatten_layers())) != layers
    detach(base.backbone)

    again = hidden_and_logits(base)
    assert np.array_equal(again[0], hidden)
    assert np.array_equal(again[1], logits)
    assert set(map(id, base.backbone._flatten_layers())) == layers


def test_attaching_again_replaces_the_update(base_of):
    base = base_of()
    draw(attach_all(base))
    attached = attach_all(base, rank=2, modules=["query", "value"], seed=1)
    repeated, _ = hidden_and_logits(base)
    detach(base.backbone)

    assert {target.module for target in attached} == {"query", "value"}
    assert len(attached) == 2 * 6
    assert all(layer.lora_a.shape[0] == 2 for layer in attached.values())
    np.testing.assert_allclose(repeated, hidden_and_logits(base)[0], **TOLERANCE)


def test_the_seed_decides_the_start_and_each_projection_has_its_own(base_of):
    def start(seed):
        projections = attach_all(base_of(), seed=seed)
        return [bits(layer.lora_a) for layer in projections.values()]

    first = start(0)
    assert start(0) == first
    assert not set(start(1)) & set(first)
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("rank", [0, -1, 33])
def test_a_rank_that_does_not_fit_is_refused_and_changes_nothing(base_of, rank):
    base = base_of()
    layers = set(map(id, base.backbone._flatten_layers()))
    with pytest.raises(InputError, match=rf"rank {rank} does not fit the .* choose 1 to 32"):
        attach_all(base, rank=rank, modules=["query", "key"])
    assert set(map(id, base.backbone._flatten_layers())) == layers
    assert not base.backbone.trainable_variables


def test_an_unknown_module_is_refused(base_of):
    with pytest.raises(InputError, match="target module 'q_proj' is not known: use query, key,"):
        attach_all(base_of(), modules=["query", "q_proj"])
