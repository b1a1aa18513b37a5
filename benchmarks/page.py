"""How long the page of the service takes, in a real Chromium: to load, and from key to figure.

A figure is there when the frame that shows it has been drawn. Run it alone:
``python benchmarks/page.py --adapter runs/default``; it needs Chromium (``apt-get install
chromium``).
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from results import provenance, write_section

import getalwoord
from getalwoord import spell
from getalwoord.numerals.noise import NOISES, add_noise
from getalwoord.reading.reader import Reader
from getalwoord.reading.readings import Reading

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
SENTENCE = "Zij betaalde {} euro voor twee derde van de taart en een kop thee."
KEY_EVERY = 80  # milliseconds: some 150 words a minute
LIMITS = {"grammar": 300, "sentence": 300, "model": 1500}
SAID = {
    "load": "navigation, nothing cached | first figure",
    "grammar": "last key of a numeral | its figure, by the grammar",
    "sentence": "last key of a numeral in a sentence | its figure, by the grammar",
    "model": "last key of a numeral that the grammar refuses | its figure, by the model",
}

# Keeps when each letter was typed, and tells when a figure has been drawn.
OBSERVER = """
  window.keys = [];
  addEventListener("beforeinput", () => keys.push(performance.now()), true);
  window.drawn = (wanted) => new Promise((done) => {
    const look = () => {
      if (wanted()) requestAnimationFrame(() => setTimeout(() => done(performance.now())));
      else requestAnimationFrame(look);
    };
    look();
  });
  window.shows = (figure) => figure === null ? document.querySelector(".numeral") !== null
    : [...document.querySelectorAll(".numeral.exact .figure")]
      .some((shown) => shown.textContent === figure);
"""


@contextmanager
def serving(adapter: Path | None) -> Iterator[str]:
    """Run the service; gives its address."""
    command = [sys.executable, "-m", "getalwoord", "serve", "--port", "0"]
    if adapter is not None:
        command += ["--adapter", str(adapter)]
    with tempfile.NamedTemporaryFile() as log, subprocess.Popen(command, stderr=log) as process:
        try:
            while not (found := re.search(r"serving at (\S+)", Path(log.name).read_text("utf-8"))):
                if process.poll() is not None:
                    sys.exit(Path(log.name).read_text("utf-8"))
                time.sleep(0.1)
            yield found[1]
        finally:
            process.terminate()


def loads(browser: Any, url: str, rounds: int) -> list[float]:
    """Give milliseconds from the navigation to the first figure, with nothing in the cache."""
    times = []
    for _ in range(rounds):
        context = browser.new_context()
        context.add_init_script(OBSERVER)
        page = context.new_page()
        page.goto(url)
        times.append(page.evaluate("drawn(() => shows(null))"))
        context.close()
    return times


def typed(page: Any, text: str, figure: str, key: int) -> float:
    """Type a text, and give milliseconds from one of its keys to a figure."""
    page.locator("#text").fill("")
    page.locator(".empty").first.wait_for()
    page.evaluate("keys.length = 0")
    page.evaluate("figure => { window.told = drawn(() => shows(figure)) }", figure)
    page.locator("#text").press_sequentially(text, delay=KEY_EVERY)
    return float(page.evaluate(f"told.then((time) => time - keys[{key}])"))


def by_grammar(page: Any, rounds: int) -> dict[str, list[float]]:
    """Type numerals, alone and in a sentence."""
    alone, inside = [], []
    for number in range(rounds):
        value = 9731 - 7 * number
        words = spell(value)
        alone.append(typed(page, words, str(value), len(words) - 1))
        text = SENTENCE.format(words)
        inside.append(typed(page, text, f"€ {value}", text.index(" voor") - 1))
    return {"grammar": alone, "sentence": inside}


def refused(count: int) -> list[str]:
    """Give misspelt numerals of which the grammar makes nothing: their figures are the model's."""
    reader, texts = Reader(), []
    for value in range(113, 10**6, 61):
        text, _ = add_noise(spell(value), value, list(NOISES), 3, str(value), held_back=True)
        read = reader.read_mixed([text])[0]
        if isinstance(read, Reading) and read.value is None:
            texts.append(text)
        if len(texts) == count:
            break
    return texts


def by_model(page: Any, rounds: int) -> list[float]:
    """Type the last letter of numerals that only the model reads."""
    times = []
    for text in refused(rounds):
        page.locator("#text").fill(text[:-1])
        page.wait_for_timeout(800)
        page.locator(".pending").first.wait_for(state="detached")
        page.evaluate("keys.length = 0")
        page.evaluate(
            """() => {
              const unread = () => document.querySelector(".unread") && !shows(null);
              window.told = drawn(unread).then(() => drawn(() => shows(null)));
            }"""
        )
        page.locator("#text").press_sequentially(text[-1])
        times.append(float(page.evaluate("told.then((time) => time - keys[0])")))
    return times


def main() -> None:
    """Measure and write the section."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", type=Path)
    options.add_argument("--rounds", type=int, default=20)
    given = options.parse_args()
    path = shutil.which("chromium") or sys.exit("install Chromium: apt-get install chromium")
    with serving(given.adapter) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        measured = {"load": loads(browser, url, given.rounds)}
        context = browser.new_context()
        context.add_init_script(OBSERVER)
        page = context.new_page()
        page.goto(url)
        page.locator(".numeral").first.wait_for()
        measured |= by_grammar(page, given.rounds)
        if given.adapter is not None:
            page.wait_for_function("fetch('/readyz').then((answer) => answer.ok)", timeout=120_000)
            measured["model"] = by_model(page, given.rounds + 1)[1:]  # the first warms it up
        version = browser.version
        browser.close()
    for name, times in measured.items():
        print(name, [round(one) for one in times])
    write_section("page", section(measured, version))


def section(measured: dict[str, list[float]], version: str) -> str:
    """Write the results in Markdown."""
    rounds = len(measured["load"])
    command = "python benchmarks/page.py" + " --adapter DIR" * ("model" in measured)
    lines = [
        "## The page",
        "",
        provenance(command, ["getalwoord", "fastapi", "uvicorn", "playwright", "torch"]),
        "",
        f"Chromium {version} without a window, service and browser on one machine, {rounds} "
        "rounds. Milliseconds until the frame with the figure has been drawn; a key "
        f"every {KEY_EVERY} ms. The page holds {weight() / 1000:.0f} kB in all, uncompressed.",
        "",
        "| from | to | median | slowest | at most |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for name, times in measured.items():
        most = LIMITS.get(name, "")
        lines.append(
            f"| {SAID[name]} | {statistics.median(times):.0f} | {max(times):.0f} | {most} |"
        )
    return "\n".join(lines)


def weight() -> int:
    """Give the bytes of all that the page loads."""
    package = Path(getalwoord.__file__).parent
    loaded = [*package.glob("server/page/*"), package / "evaluation" / "style.css"]
    return sum(path.stat().st_size for path in loaded if path.suffix != ".ts")


if __name__ == "__main__":
    main()
