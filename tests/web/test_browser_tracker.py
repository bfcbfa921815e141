"""The tracker in a real browser: every moment of a journey, by key, without script, in print."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from tests.web.serving import served
from tests.web.trackers import NOW, Trackers, cases, pages

pytestmark = pytest.mark.browser

LOOKS = [
    (360, "light", "de"),
    (768, "dark", "fr"),
    (1280, "light", "es"),
    (360, "dark", "en"),
    (768, "light", "en"),
    (1280, "dark", "de"),
]
SEEN = f"0.{int(NOW.timestamp()) - 4 * 86_400}"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with served(pages(Trackers())) as address:
        yield address


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A small phone whose browser runs no script."""
    with chromium.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 640}, locale="en-US"
    ) as context:
        yield context.new_page()


def looks() -> list[tuple[str, int, str, str]]:
    """Each case at two of the looks, so that every look is seen several times."""
    found = []
    for n, name in enumerate(cases()):
        found += [(name, *LOOKS[n % len(LOOKS)]), (name, *LOOKS[(n + 3) % len(LOOKS)])]
    return found


@pytest.mark.parametrize(("name", "width", "scheme", "lang"), looks())
def test_every_moment_fits_and_is_sound(
    chromium: Browser, base: str, name: str, width: int, scheme: str, lang: str
) -> None:
    """Nothing fails, nothing leaves, nothing is too wide or too small to tap; axe finds nothing."""
    faults: list[str] = []
    with chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=lang,
    ) as context:
        address = f"{base}/t/token-{name}"
        context.add_cookies([{"name": "seen", "value": SEEN, "url": address}])
        page = context.new_page()
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("request", lambda r: faults.append(r.url) if not r.url.startswith(base) else None)
        page.goto(address)
        page.wait_for_load_state()
        assert page.get_attribute("html", "lang") == lang
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        faults += [v["id"] for v in Axe().run(page, options={}).response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        low = page.eval_on_selector_all(
            "main a, main summary",
            "all => all.filter(a => a.getBoundingClientRect().height < 24).map(a => a.outerHTML)",
        )
    assert (faults, wide, low) == ([], 0, [])


def test_the_current_step_is_named_as_current(page: Page, base: str) -> None:
    """For those who hear the page: one list, one current step, its title a heading."""
    page.goto(f"{base}/t/token-appointment")
    current = page.locator("[aria-current=step]")
    expect(current).to_have_count(1)
    expect(current.get_by_role("heading", level=2)).to_have_text("Your health assessment")
    levels = page.eval_on_selector_all(
        "main :is(h1, h2, h3)", "all => all.map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_keyboard_reaches_everything_in_order(page: Page, base: str) -> None:
    """Skip link, the rest, the phone; each with a visible focus; Enter opens the steps."""
    page.goto(f"{base}/t/token-quiet")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    expect(page.locator("#rest .line").last).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#rest .card")).to_be_visible()
    tops = []
    while (where := page.evaluate(WHERE)) is not None:
        tops.append(where)
        page.keyboard.press("Tab")
    assert len(tops) > 6
    assert tops == sorted(tops)


WHERE = """() => {
  const at = document.activeElement;
  return at.closest("main") ? Math.round(at.getBoundingClientRect().top + scrollY) : null;
}"""


def test_everything_is_there_without_script(plain: Page, base: str) -> None:
    """What changed, the steps behind one line, the languages."""
    plain.goto(f"{base}/t/token-forty")
    plain.goto(f"{base}/t/token-forty?lang=fr")
    expect(plain.locator("h1")).to_contain_text("Vous avez fait un tiers du chemin.")
    expect(plain.get_by_text("Your application 3", exact=True)).to_be_hidden()
    plain.get_by_text("12 étapes derrière vous").click()
    expect(plain.get_by_text("Your application 3", exact=True)).to_be_visible()
    plain.get_by_role("link", name="Deutsch").click()
    expect(plain.locator("html")).to_have_attribute("lang", "de")


def test_nothing_moves_for_those_who_want_no_motion(chromium: Browser, base: str) -> None:
    """No animation and no transition is left."""
    with chromium.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(f"{base}/t/token-quiet")
        page.locator("summary").first.click()
        assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("name", ["unknown", "appointment"])
def test_nothing_is_cut_off_at_four_times_the_size(chromium: Browser, base: str, name: str) -> None:
    """WCAG 1.4.10: 1280 px at 400 % are 320; a word of 200 letters breaks rather than the page."""
    with chromium.new_context(viewport={"width": 320, "height": 256}) as context:
        page = context.new_page()
        page.goto(f"{base}/t/token-{name}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


def test_print_shows_every_step(page: Page, base: str) -> None:
    """On paper nothing is folded away, and nothing asks to be pressed."""
    page.goto(f"{base}/t/token-forty")
    page.emulate_media(media="print")
    expect(page.locator(".languages")).to_be_hidden()
    assert page.get_by_text("Your application 3", exact=True).evaluate(
        "one => one.checkVisibility({ contentVisibilityAuto: true })"
    )


def test_the_fragment_fits_its_frame(page: Page, base: str) -> None:
    """As narrow as a side column; it is sound, asks for no cookie, and leads to the whole page."""
    page.set_viewport_size({"width": 320, "height": 500})
    page.goto(f"{base}/t/token-moved/fragment?lang=es")
    page.wait_for_load_state()
    assert [v["id"] for v in Axe().run(page, options={}).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert page.context.cookies() == []
    way = page.get_by_role("link", name="Abrir su propia página")
    expect(way).to_have_attribute("href", "/t/token-moved?lang=es")
