"""Tiny Gemmas, made on the spot: random weights, their own tokenizer, every format there is.

The weights are drawn so that each can be held in bfloat16 without loss, and large enough that
soft-capping, sliding windows and rotary embeddings change the answer.
"""

import io
import random

import pytest

TINY = {
    "vocab_size": 640,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 128,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "bos_token_id": 2,
}
LAYERS = {"gemma": 3, "gemma2": 4, "gemma3": 6, "gemma3_scaled": 12}  # every sixth of 3 is global


@pytest.fixture(scope="session")
def tiny_tokenizer_model():
    """A SentencePiece model with Gemma's settings and special tokens, as bytes."""
    import sentencepiece

    draw = random.Random(0)
    words = "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien "
    words += "twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd duizend en ën"
    sentences = (
        "".join(draw.choices(words.split(), k=draw.randint(1, 5))) + f" = {draw.randrange(10**6)}"
        for _ in range(2000)
    )
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences,
        model_writer=out,
        model_type="bpe",
        vocab_size=TINY["vocab_size"],
        byte_fallback=True,
        split_digits=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        user_defined_symbols=["\n", "\t", "▁▁"],
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        pad_piece="<pad>",
        eos_piece="<eos>",
        bos_piece="<bos>",
        minloglevel=2,
    )
    return out.getvalue()


def tiny_config(family):
    """Give transformers' configuration of a tiny Gemma; the sliding window is four tokens."""
    from transformers import Gemma2Config, Gemma3TextConfig, GemmaConfig

    shared = {**TINY, "num_hidden_layers": LAYERS[family]}
    if family == "gemma":
        return GemmaConfig(**shared)
    if family == "gemma2":
        capped = {"attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0}
        return Gemma2Config(**shared, sliding_window=4, query_pre_attn_scalar=8, **capped)
    rope = {
        "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        "full_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
    }
    if family == "gemma3_scaled":  # as the models of 4B and above
        rope["full_attention"] |= {"rope_type": "linear", "factor": 8.0}
    return Gemma3TextConfig(
        **shared, sliding_window=4, query_pre_attn_scalar=16, rope_parameters=rope
    )


def draw_weights(model):
    """Redraw all weights of a torch model, to values that bfloat16 can hold."""
    import torch

    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            strength = 0.3 if "norm" in name else 1.5 / parameter.shape[-1] ** 0.5
            drawn = torch.randn(parameter.shape, generator=draw) * strength
            parameter.copy_(drawn.to(torch.bfloat16))


@pytest.fixture(scope="session")
def tiny_gemma(tmp_path_factory, tiny_tokenizer_model):
    """Give the Hugging Face folder of a tiny Gemma, by family and dtype of its file.

    Families are gemma, gemma2, gemma3, and gemma3_scaled with rope scaling.
    """
    made = {}

    def make(family, dtype="bfloat16"):
        if (family, dtype) not in made:
            import torch
            from transformers import AutoModelForCausalLM

            model = AutoModelForCausalLM.from_config(tiny_config(family))
            draw_weights(model)
            folder = tmp_path_factory.mktemp(f"{family}_{dtype}")
            model.to(getattr(torch, dtype)).save_pretrained(folder)
            (folder / "tokenizer.model").write_bytes(tiny_tokenizer_model)
            made[family, dtype] = folder
        return made[family, dtype]

    return make


@pytest.fixture(scope="session")
def tiny_base_dir(tiny_gemma):
    """The Hugging Face folder of a tiny Gemma 3, with its tokenizer."""
    return tiny_gemma("gemma3")
