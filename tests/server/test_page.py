"""The page in a real Chromium, as people use it."""

import os
import re
import shutil
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SLOW = 20_000  # milliseconds; the machine may be busy
SENTENCE = "ik betaalde drieëntwintig euro vijftig voor twee derde van de taart"


@pytest.fixture(scope="module")
def chromium():
    """A Chromium; without one the tests are skipped, unless GETALWOORD_BROWSER is "required"."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        why = "there is no Chromium: apt-get install chromium"
        (pytest.fail if os.environ.get("GETALWOORD_BROWSER") == "required" else pytest.skip)(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, served):
    """Open the page; at the end it must have asked nobody else, and broken no rule.

    Failed requests are allowed where `troubled` says so.
    """
    visits = []

    def run(url=None, *, troubled=False, **options):
        context = chromium.new_context(**{"locale": "en-GB", **options})
        context.set_default_timeout(SLOW)
        page = context.new_page()
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "console",
            lambda line: said.append(line.text) if line.type in ("error", "warning") else None,
        )
        visits.append((context, url or served.url, asked, said, troubled))
        page.goto(url or served.url)
        page.locator(".numeral, #key:visible").first.wait_for()
        return page

    yield run
    for context, url, asked, said, troubled in visits:
        context.close()
        assert {urlsplit(one).netloc for one in asked} == {urlsplit(url).netloc}
        assert not [line for line in said if not (troubled and "Failed to load" in line)]


def write(page, text):
    """Type a text in place of the one that stands there, and wait until it is read."""
    page.locator("#text").fill("")
    page.locator("#text").press_sequentially(text)
    page.locator("#figures[aria-busy=false]").wait_for()


def chip(page, figure):
    """Give the button of a figure."""
    return page.locator(".numeral", has=page.locator(f".figure:text-is('{figure}')"))


def axe(page):
    """Give what axe finds wrong."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(one["id"], one["impact"], [n["html"] for n in one["nodes"]]) for one in found]


def wide(page):
    return page.evaluate("document.documentElement.scrollWidth")


def test_figures_appear_as_a_text_is_typed(visit):
    page = visit()
    write(page, SENTENCE)

    said = page.locator("#figures p").first.text_content()
    assert said == "ik betaalde € 23,50= money, exact voor 2/3= fraction, exact van de taart"


def test_how_a_value_is_known_is_told_by_sign_line_and_name(visit):
    page = visit()
    write(page, "drie\nachtien\nvierhonderd dri n tachtech\nzzz")

    told = page.locator(".numeral").evaluate_all(
        """chips => chips.map(chip => [chip.textContent,
           getComputedStyle(chip.querySelector('.figure')).textDecorationStyle])"""
    )
    assert told == [
        ["3= cardinal, exact", "solid"],
        ["18≈ cardinal, near", "dashed"],
        ["483? cardinal, unproven", "wavy"],
    ]
    assert "no word of a numeral" in page.locator(".line .note").inner_text()


def test_the_way_a_numeral_was_read_opens_and_closes(visit):
    page = visit()
    write(page, "vierhonderd drie en tachtig\nachtien")

    chip(page, "483").click()
    pieces = " ".join(page.locator(".pieces").inner_text().split())
    assert pieces == "vierhonderd 400 + drie 3 en + tachtig 80 = 483"
    chip(page, "18").click()
    assert page.locator(".details").count() == 1
    facts = page.locator(".details dl").inner_text()
    assert "Meant\nachttien" in facts
    assert "Distance\n0.3" in facts
    chip(page, "18").click()
    assert page.locator(".details").count() == 0


def test_all_is_done_by_keyboard(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("achtien")
    chip(page, "18").wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.numeral')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert chip(page, "18").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "close"
    page.keyboard.press("Escape")
    assert page.locator(".details").count() == 0
    assert page.evaluate("document.activeElement.matches('.numeral')")


def test_what_is_typed_is_never_taken_for_html(visit):
    page = visit()
    attack = "<img src=x onerror=document.title='pwned'> drie <b>vier</b>"
    write(page, attack)

    chip(page, "4").wait_for()
    assert page.locator("#figures img, #figures b").count() == 0
    assert "<img src=x" in page.locator("#figures").inner_text()
    page.locator("#number").fill("<img src=x onerror=alert(1)>")
    page.locator("#spelled .note").wait_for()
    assert page.locator("#spelled img").count() == 0
    assert page.title() == "getalwoord"


def test_every_example_is_read(visit):
    page = visit()
    for button in page.locator("#examples button").all():
        button.click()
        page.locator("#figures[aria-busy=false]").wait_for()
        assert page.locator(".numeral").count() > 0


def test_late_answers_do_not_stand_in_the_place_of_newer_ones(visit):
    page = visit()
    held = []
    page.route("**/v1/read", lambda route: held.append(route) if not held else route.continue_())
    page.locator("#text").fill("drie")
    page.wait_for_timeout(200)
    page.locator("#text").fill("vier")
    chip(page, "4").wait_for()
    assert len(held) == 1
    held[0].fulfill(json={"results": [{"text": "drie", "value": "3", "how": "exact"}]})
    page.wait_for_timeout(200)

    assert page.locator(".figure").all_inner_texts() == ["4"]


def test_figures_are_written_in_the_style_that_is_chosen(visit):
    page = visit()
    write(page, "drie euro vijftig")
    chip(page, "€ 3,50").wait_for()
    page.locator("summary").click()
    page.locator("[name=currency]").select_option("code")

    chip(page, "EUR 3,50").wait_for()


def test_numbers_are_spelled_by_kind_and_unit(visit):
    page = visit()
    words = page.locator(".spelled")
    page.locator("#number").fill("3,50")
    page.locator("#unit").select_option("EUR")
    words.get_by_text("drie euro vijftig", exact=True).wait_for()
    page.locator("#unit").select_option("")
    page.locator("#number").fill("21")
    page.locator("#kind").select_option("ordinal")
    words.get_by_text("eenentwintigste", exact=True).wait_for()
    page.locator("#number").fill("x")
    page.locator("#spelled .note").wait_for()


def test_the_page_speaks_two_languages_and_remembers_which(visit):
    page = visit(locale="nl-NL")
    assert page.locator("html").get_attribute("lang") == "nl"
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("#text").get_attribute("lang") == "nl"
    page.reload()
    page.locator(".numeral").first.wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_text("In words").first.is_visible()


def test_without_a_store_the_page_works_all_the_same(visit, chromium):
    page = visit()
    page.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', "
        "{ get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page.reload()
    page.locator(".numeral").first.wait_for()
    page.get_by_role("button", name="Nederlands").click()
    assert page.locator("html").get_attribute("lang") == "nl"


def test_a_service_that_is_away_is_told_and_waited_for(visit):
    page = visit(troubled=True)
    page.context.set_offline(True)
    page.locator("#text").fill("zevenentachtig")
    page.get_by_text("does not answer").wait_for()
    page.context.set_offline(False)

    chip(page, "87").wait_for()
    assert page.locator("#notice").inner_text() == ""


def test_a_busy_service_is_asked_again_when_it_says(visit):
    page = visit(troubled=True)
    refused = []

    def answer(route):
        if refused:
            return route.continue_()
        refused.append(route)
        error = {"message": "busy", "type": "overloaded", "param": None, "code": None}
        route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": error})

    page.route("**/v1/read", answer)
    page.locator("#text").fill("zevenentachtig")
    page.get_by_text("The server is busy").wait_for()

    chip(page, "87").wait_for()
    assert page.locator("#notice").inner_text() == ""


def test_a_text_that_is_too_long_is_told_of(visit):
    page = visit(troubled=True)
    page.locator("#text").fill("een " * 3000)

    page.locator("#figures [role=alert]").wait_for()
    page.locator("#text").fill("een twee drie")
    page.locator(".numeral").first.wait_for()


def test_a_key_is_asked_for_and_used(visit, start, tmp_path):
    (tmp_path / "key").write_text("een-lange-sleutel\n")
    service = start("--api-key-file", tmp_path / "key")
    page = visit(service.url, troubled=True)
    page.locator("#secret").fill("wrong")
    page.get_by_role("button", name="Use", exact=True).click()
    page.get_by_text("does not fit").wait_for()
    page.locator("#secret").fill("een-lange-sleutel")
    page.get_by_role("button", name="Use", exact=True).click()

    page.locator(".numeral").first.wait_for()
    assert not page.locator("#key").is_visible()
    assert page.evaluate("[...Object.values(localStorage)].join()") == ""


def test_without_an_adapter_it_is_said_how_to_compare(visit):
    page = visit()
    assert page.locator("#wanted").is_hidden()
    assert page.get_by_text("--adapter").is_visible()


def test_the_tuned_model_and_its_base_stand_side_by_side(visit, served_model):
    page = visit(served_model.url)
    write(page, "drie\nzzz")
    page.get_by_role("switch").check()
    page.locator(".score", has_text="untuned").wait_for()

    rows = page.locator(".compared li")
    assert rows.count() == 2
    assert rows.nth(0).locator(".said").count() == 2
    assert re.fullmatch(
        r"As the grammar reads: fine-tuned [01] of 1, untuned [01] of 1\.",
        page.locator(".score").inner_text(),
    )
    assert axe(page) == []


def test_what_the_grammar_refuses_the_model_reads_after_a_pause(visit, served_model):
    page = visit(served_model.url)
    write(page, "zzz")
    page.locator(".numeral.unproven").click()

    facts = page.locator(".details dl").inner_text()
    assert "The model says" in facts
    assert "Probability, by the model" in facts


@pytest.mark.parametrize("language", ["nl-NL", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_the_page(visit, language, scheme):
    page = visit(locale=language, color_scheme=scheme, viewport={"width": 1200, "height": 900})
    page.locator("summary").click()
    page.locator(".numeral.near").click()
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert axe(page) == []
    assert wide(page) == 320


def test_a_long_numeral_fits_a_phone(visit):
    page = visit(viewport={"width": 320, "height": 640})
    long = "negenhonderdnegenennegentig biljoen negenhonderdnegenennegentig miljard euro"
    page.locator("#text").fill(f"{long}\n{'x' * 200}")
    chip(page, "€ 999.999.000.000.000").click()
    page.locator("#number").fill("9" * 33)
    page.locator(".spelled").wait_for()
    assert wide(page) == 320


def test_the_page_is_readable_in_forced_colours_and_without_motion(visit):
    page = visit(forced_colors="active", reduced_motion="reduce")
    style = "getComputedStyle(document.querySelector('.near .figure')).textDecorationStyle"
    assert page.evaluate(style) == "dashed"
    assert page.evaluate("document.getAnimations().length") == 0
