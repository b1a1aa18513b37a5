"""What Gemma 1, 2 and 3 are made of, in Hugging Face's terms: settings and tensors.

KerasHub holds some facts as constants that a configuration may state otherwise: the wavelengths
of the rotary embedding, which layers look at a window only, the activation. A model that
differs in one of them would load and answer wrongly, so it is refused here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from getalwoord.errors import BaseError

MODEL_TYPES = ("gemma", "gemma2", "gemma3_text")
# The period in which the last layer looks at the whole text and the others at a window.
_GLOBAL_EVERY = {"gemma": 1, "gemma2": 2, "gemma3_text": 6}
# Model type and layers of those, both called 27B, that scale queries by width over heads and not by
# the size of a head.
SCALED_BY_WIDTH = {("gemma2", 46), ("gemma3_text", 62)}
_SIZES = {
    "vocab_size": 1 << 24,
    "hidden_size": 1 << 24,
    "intermediate_size": 1 << 24,
    "num_hidden_layers": 1000,
    "num_attention_heads": 1 << 24,
    "num_key_value_heads": 1 << 24,
    "head_dim": 1 << 24,
}
_NUMBERS = ("rms_norm_eps", "sliding_window", "attn_logit_softcapping", "final_logit_softcapping")
_LOCAL_WAVELENGTH, _GLOBAL_WAVELENGTH = 10_000.0, 1_000_000.0


def layer_types(model_type: str, layers: int) -> list[str]:
    """Tell which layers look at the whole text and which at a sliding window."""
    every = _GLOBAL_EVERY[model_type]
    return [
        "sliding_attention" if (layer + 1) % every else "full_attention" for layer in range(layers)
    ]


def rope(config: Mapping[str, Any], layer_type: str) -> tuple[float, float]:
    """Give wavelength and linear scaling factor of the rotary embedding of a kind of layer.

    Raises:
        ValueError: The scaling is of another kind.
    """
    stated = config.get("rope_parameters") or {}  # as transformers 5 writes it
    default = _LOCAL_WAVELENGTH
    if config["model_type"] == "gemma3_text":
        stated = stated.get(layer_type) or {}
        default = _GLOBAL_WAVELENGTH
    if config["model_type"] == "gemma3_text" and layer_type == "sliding_attention":
        older = {"rope_theta": config.get("rope_local_base_freq", _LOCAL_WAVELENGTH)}
    else:
        older = {"rope_theta": config.get("rope_theta", default)}
        older |= config.get("rope_scaling") or {}
    stated = older | stated
    kind = stated.get("rope_type", stated.get("type", "default"))
    if kind not in ("default", "linear"):
        raise ValueError(f"scaling of type {kind}")
    return float(stated["rope_theta"]), float(stated.get("factor", 1.0))


def check_config(config: Mapping[str, Any], where: Path) -> None:
    """Refuse a configuration that KerasHub cannot follow.

    Args:
        config: What config.json holds.
        where: Its file, for messages.

    Raises:
        BaseError: Says which setting, its value, and what it would have to be.
    """
    kind = config.get("model_type")
    if kind in ("gemma3", "gemma3n", "gemma4", "paligemma"):
        raise BaseError(
            f"{where}: model type {kind} has parts beside the text model (vision, sound); give a "
            "text-only Gemma, such as the KerasHub preset gemma3_4b_text"
        )
    if kind not in MODEL_TYPES:
        raise BaseError(f"{where}: model type {kind!r} is not one of {', '.join(MODEL_TYPES)}")
    for name, largest in _SIZES.items():
        value = config.get(name)
        if type(value) is not int or not 1 <= value <= largest:
            raise BaseError(
                f"{where}: {name} is {value!r}, but must be a whole number from 1 to {largest}: "
                "take the file that came with the weights"
            )
    for name in _NUMBERS:
        value = config.get(name)
        if value is not None and type(value) not in (int, float):
            raise BaseError(f"{where}: {name} is {value!r}, but must be a number")
    for name, value, wanted in _settings(config):
        if value not in wanted:
            raise BaseError(
                f"{where}: {name} is {value!r}; this Gemma can be used only with "
                f"{' or '.join(map(repr, wanted))}"
            )


def _settings(config: Mapping[str, Any]) -> list[tuple[str, Any, tuple[Any, ...]]]:
    """List what must hold: a setting, its value and the values that can be followed."""
    kind, layers = config["model_type"], config["num_hidden_layers"]
    heads, head_size = config["num_attention_heads"], config["head_dim"]
    # Gemma 1's first configurations say "gelu" and mean its approximation.
    gelu = ("gelu_pytorch_tanh", "gelu") if kind == "gemma" else ("gelu_pytorch_tanh",)
    activation = config.get("hidden_activation") or config.get("hidden_act") or gelu[0]
    settings: list[tuple[str, Any, tuple[Any, ...]]] = [
        ("the activation", activation, gelu),
        ("attention_bias", bool(config.get("attention_bias")), (False,)),
        ("tie_word_embeddings", config.get("tie_word_embeddings", True), (True,)),
        ("use_bidirectional_attention", bool(config.get("use_bidirectional_attention")), (False,)),
        (
            "num_attention_heads modulo num_key_value_heads",
            heads % config["num_key_value_heads"],
            (0,),
        ),
    ]
    if kind != "gemma":
        stated = config.get("layer_types") or layer_types(kind, layers)
        settings += [
            ("layer_types", stated, (layer_types(kind, layers),)),
            (
                "query_pre_attn_scalar",
                config.get("query_pre_attn_scalar", head_size),
                (head_size, config["hidden_size"] // heads),
            ),
        ]
    if kind == "gemma3_text":
        for name in ("sliding_window_pattern", "_sliding_window_pattern"):
            settings.append((name, config.get(name, 6), (6,)))
    for layer_type in sorted(set(layer_types(kind, layers))):
        try:
            wavelength, factor = rope(config, layer_type)
        except (ValueError, TypeError, AttributeError) as error:
            settings.append(("the rotary embedding", str(error), ("linear scaling",)))
            continue
        is_global = kind == "gemma3_text" and layer_type == "full_attention"
        wanted = _GLOBAL_WAVELENGTH if is_global else _LOCAL_WAVELENGTH
        settings.append((f"rope_theta of {layer_type}", wavelength, (wanted,)))
        if not is_global:
            settings.append((f"the rope scaling factor of {layer_type}", factor, (1.0,)))
    return settings


def tensor_shapes(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Give the shape of every tensor of the model, under Hugging Face's names."""
    width, inner, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = (config[f"num_{name}_heads"] * head for name in ("attention", "key_value"))
    block: dict[str, tuple[int, ...]] = {
        "self_attn.q_proj": (queries, width),
        "self_attn.k_proj": (keys, width),
        "self_attn.v_proj": (keys, width),
        "self_attn.o_proj": (width, queries),
        "mlp.gate_proj": (inner, width),
        "mlp.up_proj": (inner, width),
        "mlp.down_proj": (width, inner),
        "input_layernorm": (width,),
        "post_attention_layernorm": (width,),
    }
    if config["model_type"] != "gemma":
        block |= {"pre_feedforward_layernorm": (width,), "post_feedforward_layernorm": (width,)}
    if config["model_type"] == "gemma3_text":
        block |= {"self_attn.q_norm": (head,), "self_attn.k_norm": (head,)}
    return {
        "model.embed_tokens.weight": (config["vocab_size"], width),
        "model.norm.weight": (width,),
    } | {
        f"model.layers.{layer}.{name}.weight": shape
        for layer in range(config["num_hidden_layers"])
        for name, shape in block.items()
    }


def check_tensors(
    found: Mapping[str, tuple[int, ...]], config: Mapping[str, Any], where: Path
) -> None:
    """Refuse weights that are not those of the configuration.

    Args:
        found: Shape of every tensor there is, under Hugging Face's names.
        config: What config.json holds.
        where: The file or folder, for messages.

    Raises:
        BaseError: Says which tensor is missing, of another shape, or not known.
    """
    wanted = tensor_shapes(config)
    for name, shape in wanted.items():
        if name not in found:
            raise BaseError(f"{where} lacks the tensor {name}: it is not whole, get it again")
        if tuple(found[name]) != shape:
            raise BaseError(
                f"{where}: the tensor {name} is {tuple(found[name])}, but its configuration "
                f"asks for {shape}: they do not belong together"
            )
    for name in found:
        # The head is the embedding (checked above); inv_freq is derived, old files have it.
        if name not in wanted and name != "lm_head.weight" and not name.endswith("inv_freq"):
            raise BaseError(
                f"{where} holds the tensor {name}, which no text-only Gemma has: give the full "
                "weights of Gemma 1, 2 or 3, merged and not quantised"
            )
