"""`export`, `import` and `train --from`, as users type them."""

import hashlib
import json
import resource
from pathlib import Path

import numpy as np
import pytest

from getalwoord.adapter import Adapter

TEMPLATE = " {instruction} = {response}"


@pytest.fixture
def exported(called, finished, tmp_path):
    """Export the finished run; gives what was said and the folder."""

    def run(to, *arguments):
        done = called("export", finished.folder, "--to", to, "--out", tmp_path / to, *arguments)
        return done, tmp_path / to

    return run


@pytest.mark.parametrize(
    ("to", "arguments", "files"),
    [
        ("peft", [], {"adapter_config.json", "adapter_model.safetensors"}),
        (
            "hf",
            ["--dtype", "float32"],
            {"model.safetensors", "config.json", "generation_config.json", "tokenizer.json"}
            | {"tokenizer.model", "tokenizer_config.json", "chat_template.jinja"},
        ),
        ("gguf", ["--quantize", "q8_0"], {"getalwoord-q8_0.gguf", "Modelfile"}),
        (
            "keras",
            [],
            {"model.weights.h5", "config.json", "metadata.json", "adapter.lora.h5"}
            | {"tokenizer.json", "preprocessor.json", "assets/tokenizer/vocabulary.spm"},
        ),
    ],
)
def test_an_export_lists_its_files_and_has_card_and_terms(exported, finished, to, arguments, files):
    done, folder = exported(to, *arguments, "--json")

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["to"], said["out"]) == (to, str(folder))
    listed = {str(Path(file["path"]).relative_to(folder)): file for file in said["files"]}
    assert listed.keys() == files | {"README.md", "NOTICE", "getalwoord.json"}
    for name, file in listed.items():
        content = (folder / name).read_bytes()
        assert file["bytes"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    card, notice = (folder / "README.md").read_text(), (folder / "NOTICE").read_text()
    adapter = Adapter.load(finished.folder)
    for text in (card, notice):
        assert "ai.google.dev/gemma/terms" in text
        assert "modified" in text
    for fact in (
        "license: gemma",
        adapter.base_sha256,
        "' vierhonderddrieëntachtig = '",
        "maximum = 99",
        f"| all | {adapter.scores['em_before']:.1%} | {adapter.scores['em_after']:.1%} |",
        "| cardinal | |",
        "40 pairs",
    ):
        assert fact in card
    assert not [path for path in folder.parent.iterdir() if path.name.startswith(".")]


def test_the_modelfile_has_the_prompt(exported):
    _, folder = exported("gguf")

    lines = (folder / "Modelfile").read_text().splitlines()
    assert lines[:2] == ["FROM ./getalwoord-bf16.gguf", 'TEMPLATE """ {{ .Prompt }} = """']
    assert "PARAMETER temperature 0" in lines


def test_an_export_is_replaced_only_when_asked(exported, called, finished, tmp_path):
    _, folder = exported("peft")
    (folder / "mine.txt").touch()

    again, _ = exported("peft")
    assert (again.returncode, again.stdout) == (2, "")
    assert f"{folder} is not empty: use --overwrite" in again.stderr

    assert exported("peft", "--overwrite")[0].returncode == 0
    assert not (folder / "mine.txt").exists()

    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    for out in (tmp_path / "other", finished.folder):
        done = called("export", finished.folder, "--to", "peft", "--out", out, "--overwrite")
        assert done.returncode == 2
        assert "give another" in done.stderr
    assert (tmp_path / "other" / "thesis.tex").exists()
    assert (finished.folder / "recipe.toml").exists()


def test_a_full_disk_leaves_nothing(exported, tmp_path):
    """
    A limit on the size of files fails in the same call as a full disk does.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        done, _ = exported("gguf")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_without_an_adapter_is_refused(called, tmp_path):
    done = called("export", tmp_path, "--to", "hf", "--out", tmp_path / "hf")

    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no adapter" in done.stderr


@pytest.mark.parametrize(
    ("to", "option"),
    [("gguf", "--dtype=float32"), ("peft", "--dtype=float32"), ("hf", "--quantize=q8_0")],
)
def test_an_option_of_another_format_is_refused(exported, to, option):
    done, folder = exported(to, option)

    assert done.returncode == 2
    assert f"not for {to}" in done.stderr
    assert not folder.exists()


def test_q4_k_m_without_a_quantiser_says_what_to_do(exported, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp.xllamacpp", None)

    done, folder = exported("gguf", "--quantize", "q4_k_m")

    assert done.returncode == 2
    assert "pip install 'getalwoord[gguf]'" in done.stderr
    assert "llama-quantize" in done.stderr
    assert not folder.exists()


def test_an_adapter_goes_out_and_in_and_is_read_and_evaluated(
    exported, called, finished, tiny_base_dir, tmp_path
):
    _, folder = exported("peft")
    (folder / "getalwoord.json").unlink()  # as one that was made elsewhere
    out = tmp_path / "back"
    without = called("read", "--adapter", folder, "drie")
    assert without.returncode == 2
    assert "getalwoord import" in without.stderr

    done = called(
        *("import", folder, "--base", tiny_base_dir, "--template", TEMPLATE),
        *("--out", out, "--json"),
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rank"] == 2
    asked = ("--method", "model", "--json", "drie", "zevenentachtig")
    said = [called("read", "--adapter", one, *asked).stdout for one in (finished.folder, out)]
    assert said[0] == said[1] != ""
    test = finished.folder / "test.jsonl"
    scores = [
        json.loads(called("eval", one, "--data", test, "--json").stdout)
        for one in (finished.folder, out)
    ]
    assert scores[0] == scores[1]
    for arguments in ([], ["--fresh", "3"]):
        refused = called("eval", out, *arguments)
        assert refused.returncode == 2
        assert "give pairs with --data" in refused.stderr


def test_import_offers_no_option_that_it_has_not(exported, called, tiny_base_dir, tmp_path):
    _, folder = exported("peft")
    (tmp_path / "mine.txt").touch()

    refused = called(
        *("import", folder, "--base", tiny_base_dir, "--template", TEMPLATE, "--out", tmp_path)
    )

    assert refused.returncode == 2
    assert f"{tmp_path} is not empty: give another --out" in refused.stderr


def test_training_goes_on_from_an_adapter(called, finished, tiny_recipe, tmp_path):
    """
    At a learning rate of almost nothing it stays what it was, which tells where it started.
    """
    text = tiny_recipe.read_text().replace("1e-2", "1e-12").replace("epochs = 4", "epochs = 1")
    (tmp_path / "slow.toml").write_text(text.replace("rank = 2", "rank = 7"))
    out = tmp_path / "further"

    done = called(
        *("train", "--from", finished.folder, "--recipe", tmp_path / "slow.toml"),
        *("--out", out, "--json"),
    )

    assert done.returncode == 0, done.stderr
    before, after = Adapter.load(finished.folder), Adapter.load(out)
    assert after.recipe.start_from == str(finished.folder)
    assert after.recipe.rank == 2
    for target, (a, b) in before.matrices.items():
        np.testing.assert_allclose(after.matrices[target][0], a, rtol=0, atol=1e-6)
        np.testing.assert_allclose(after.matrices[target][1], b, rtol=0, atol=1e-6)
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["em_before"] == before.scores["em_after"]


def test_an_adapter_that_does_not_fit_is_refused(called, finished, tiny_recipe, tmp_path):
    (tmp_path / "other.toml").write_text(
        tiny_recipe.read_text().replace("rank = 2", "rank = 3")
        + f'\nstart_from = "{finished.folder}"\n'
    )

    done = called("train", "--recipe", tmp_path / "other.toml", "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "has rank 2, the recipe asks for 3" in done.stderr
    again = called("train", "--from", finished.folder, "--out", finished.folder, "--overwrite")
    assert again.returncode == 2
    assert "use another --out" in again.stderr
    assert (finished.folder / "adapter_model.safetensors").exists()
