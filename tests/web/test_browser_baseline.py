"""The page of questions in a real browser: by touch, by keyboard, without script, in all languages.

Which words of which language stand there is for ``test_language``; here it is whether they fit, and
whether a person can use them.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.web import serving
from tests.web.fake import BEGAN, FakeBook, FakeDesk, newcomer

from ofone.domain.times import to_datetime
from ofone.web.pages import create_app

pytestmark = pytest.mark.browser

PATH = "/t/token-nora/questions"
TAP = f"{PATH}?item=A1&answer=4"
ENDED = "That is all. Thank you."


class House:
    """The served pages and what they were told; ``fresh`` gives a customer who has said nothing."""

    def __init__(self, base: str, book: FakeBook, desk: FakeDesk) -> None:
        self.base = base
        self.book = book
        self.desk = desk

    def fresh(self, **traits: str) -> None:
        newcomer(self.book, **traits)
        self.book.now = BEGAN
        self.desk.told.clear()

    @property
    def told(self) -> list[dict[str, object]]:
        return [dict(event.properties) for event in self.desk.told]


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    book = FakeBook()
    desk = newcomer(book)
    ticks = count(1)
    now = lambda: to_datetime(BEGAN) + timedelta(seconds=next(ticks))  # noqa: E731
    with serving.served(create_app(book, desk, clock=now)) as base:
        yield House(base, book, desk)


@pytest.fixture
def house(served: House) -> House:
    served.fresh()
    return served


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A small phone, by touch."""
    with chromium.new_context(
        viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True, locale="en-US"
    ) as context:
        context.set_default_timeout(10_000)
        yield context


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A browser that runs no script."""
    with chromium.new_context(java_script_enabled=False, locale="en-US") as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def faults(page: Page) -> list[str]:
    """What axe finds, best practices included, and what is wider than the window."""
    page.wait_for_load_state()  # before its style is there, every page has faults
    found = Axe().run(page, options={}).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{v['id']}: {n['html']} {n['failureSummary']}" for v in found for n in v["nodes"]] + (
        [f"{wide} px too wide"] if wide > 0 else []
    )


def test_a_phone_is_done_in_four_taps(house: House, phone: BrowserContext) -> None:
    """One tap a question, without scrolling on a small screen; then thanks."""
    page = phone.new_page()
    page.goto(house.base + PATH)
    for n in range(1, 5):
        expect(page.locator(".progress")).to_contain_text(f"Question {n} of at most 4")
        answer = page.locator("button[name=answer]").nth(1)
        expect(answer).to_be_in_viewport(ratio=1)
        answer.tap()
    expect(page.get_by_role("heading", name=ENDED)).to_be_visible()
    assert len(house.told) == 4


def test_all_that_is_tapped_is_as_large_as_a_thumb(house: House, phone: BrowserContext) -> None:
    """44 px at least, in both directions where it has a size of its own."""
    page = phone.new_page()
    for address in (PATH, TAP, f"{PATH}?item=P2"):
        house.desk.fails = False
        page.route("**/one-tap.js", lambda route: route.abort())
        page.goto(house.base + address)
        for box in [b.bounding_box() for b in page.locator("main button, main a").all()]:
            assert box is not None
            assert box["height"] >= 44
            assert box["width"] >= 44 or box["height"] >= 44


def test_the_keyboard_alone_is_enough(house: House, page: Page) -> None:
    """The answers are reached first, in order; the focus is seen; Enter answers."""
    page.goto(house.base + PATH)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    first = page.get_by_role("button", name="By e-mail")
    expect(first).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="How at ease do you feel")).to_be_visible()
    assert house.told == [{"P1": "sms"}]


def test_it_works_without_script(house: House, plain: Page) -> None:
    """Answer, skip, enough: forms and redirects alone."""
    plain.goto(house.base + PATH)
    plain.get_by_role("button", name="By text message").click()
    plain.get_by_role("button", name="Skip this one").click()
    expect(plain.locator(".progress")).to_contain_text("Question 3 of at most 4")
    plain.get_by_role("button", name="That’s enough").click()
    expect(plain.get_by_role("heading", name=ENDED)).to_be_visible()
    assert house.told[:2] == [{"P1": "sms"}, {"A1": None}]


def test_a_tap_in_a_message_is_one_tap(house: House, phone: BrowserContext) -> None:
    """With script, the answer is sent and the next question stands there; going back sends none."""
    page = phone.new_page()
    page.goto(house.base + TAP)
    page.wait_for_url(house.base + PATH)
    assert house.told == [{"A1": 4}]
    page.goto(house.base + TAP)
    expect(page.get_by_text("You have answered this already")).to_be_visible()
    assert house.told == [{"A1": 4}]


def test_without_script_a_link_only_shows_its_answer(house: House, plain: Page) -> None:
    """One large button sends it; until then nothing has changed."""
    plain.goto(house.base + TAP)
    assert house.told == []
    plain.get_by_role("button", name="Send this answer: 4").click()
    expect(plain.locator(".progress")).to_contain_text("Question 2")
    assert house.told == [{"A1": 4}]


def test_a_double_tap_answers_once(house: House, phone: BrowserContext) -> None:
    """Two submits of one form: the second is a repeat."""
    page = phone.new_page()
    page.goto(house.base + PATH)
    form = page.evaluate("Object.fromEntries(new FormData(document.querySelector('form')))")
    for answer in ("sms", "email"):
        assert page.request.post(house.base + PATH, form=form | {"answer": answer}).ok
    assert house.told == [{"P1": "sms"}]


def test_closed_and_opened_again_it_goes_on(house: House, phone: BrowserContext) -> None:
    """In another window, and from the tracker."""
    page = phone.new_page()
    page.goto(house.base + PATH)
    page.get_by_role("button", name="By e-mail").tap()
    expect(page.locator(".progress")).to_contain_text("Question 2")
    page.close()
    other = phone.new_page()
    other.goto(house.base + "/t/token-nora")
    other.get_by_role("link", name="Tell us how").tap()
    expect(other.locator(".progress")).to_contain_text("Question 2 of at most 4")


def test_the_answer_before_can_be_changed(house: House, page: Page) -> None:
    """Back shows the question; the new answer is the one that counts."""
    page.goto(house.base + PATH)
    page.get_by_role("button", name="By e-mail").click()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="By text message").click()
    expect(page.get_by_role("group", name="How at ease do you feel")).to_be_visible()
    assert house.book.states["nora"].profile.preferences["channel"].value == "sms"


@pytest.mark.parametrize(
    ("code", "asks", "skip"),
    [
        ("en", "Where should updates reach you?", "Skip this one"),
        ("de", "Wo sollen Neuigkeiten Sie erreichen?", "Diese Frage überspringen"),
        ("es", "¿Dónde quiere recibir las novedades?", "Saltar esta pregunta"),
        ("fr", "Où souhaitez-vous recevoir les nouvelles ?", "Passer cette question"),
    ],
)
def test_every_language_is_whole(
    house: House, phone: BrowserContext, code: str, asks: str, skip: str
) -> None:
    """The switch stays over answers; the page says which language it is in."""
    page = phone.new_page()
    page.goto(f"{house.base}{PATH}?lang={code}")
    expect(page.get_by_role("heading", name=asks)).to_be_visible()
    page.get_by_role("button", name=skip).tap()
    expect(page.locator(".scale-of")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == code
    assert page.locator("[role=group]").get_attribute("lang") is None
    assert faults(page) == []


def test_a_customers_own_language_comes_before_the_browsers(
    house: House, chromium: Browser
) -> None:
    """What is known of the customer, then what the browser accepts."""
    with chromium.new_context(locale="es-MX") as context:
        page = context.new_page()
        page.goto(house.base + PATH)
        assert page.locator("html").get_attribute("lang") == "es"
        house.fresh(language="fr-CA")
        page.reload()
        assert page.locator("html").get_attribute("lang") == "fr"


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_stands_in_anybodys_way(
    house: House, chromium: Browser, width: int, *, dark: bool
) -> None:
    """No fault for axe (WCAG 2.2 AA), nothing too wide, no error, from first to last."""
    errors: list[str] = []
    with chromium.new_context(
        viewport={"width": width, "height": 740},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale="en-US",
    ) as context:
        page = context.new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda r: errors.append(r.url) if house.base not in r.url else None)
        page.goto(house.base + PATH)
        for n in range(1, 5):
            expect(page.locator(".progress")).to_contain_text(f"Question {n}")
            assert faults(page) == []
            page.locator("button[name=answer]").first.click()
        expect(page.get_by_role("heading", name=ENDED)).to_be_visible()
        for address in (PATH, TAP, f"{PATH}?item=P2", "/t/token-nora", "/t/nobody/questions"):
            page.goto(house.base + address)
            assert faults(page) == []
    assert [e for e in errors if "404" not in e] == []


def test_text_twice_as_large_still_fits(house: House, chromium: Browser) -> None:
    """At 200% on a window of 1280 px, as at 320 px in 400%, nothing is cut off or scrolls aside."""
    for width in (640, 320):
        with chromium.new_context(viewport={"width": width, "height": 512}) as context:
            page = context.new_page()
            page.goto(f"{house.base}{PATH}?item=I1&lang=fr")
            assert faults(page) == []
