"""The pages in a real browser: nothing fails, nothing leaves, and the demo's clock obeys."""

import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.web.fake import STORY, FakeBook
from tests.web.serving import served

from ofone.web.pages import create_app

pytestmark = pytest.mark.browser

PATHS = [
    "/",
    "/demo",
    "/mailbox",
    "/mailbox?who=martin",
    "/t/token-angela",
    "/t/token-adaya",
    "/customers",
    "/customers/angela",
]
SIZES = [(390, 844), (1440, 900)]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    app = create_app(FakeBook(), clock=lambda: datetime(2026, 3, 20, 15, 0, tzinfo=UTC))
    with served(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def demo(browser: Browser, base: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    opened(page, f"{base}/demo")
    yield page
    context.close()


def opened(page: Page, address: str) -> None:
    page.goto(address)
    if "/demo" in address:
        page.wait_for_selector("[data-ready]")


def day(page: Page) -> int:
    return int(page.inner_text("#clock-sub").split()[1])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_opens_without_fault(
    browser: Browser, base: str, path: str, size: tuple[int, int], *, dark: bool
) -> None:
    """No console error, no request elsewhere, nothing too wide, no fault for axe (WCAG 2.2 AA)."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("request", lambda r: faults.append(r.url) if not r.url.startswith(base) else None)
    opened(page, base + path)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.wait_for_load_state()
    unfit = [v["id"] for v in Axe().run(page, options={}).response["violations"]]
    context.close()
    assert (faults, wide, unfit) == ([], 0, [])


def test_the_demo_opens_where_the_difference_shows(demo: Page) -> None:
    """Before anybody plays: more messages for Angela, her tracker in front, Adaya's in a line."""
    numbers = demo.locator("#tally strong").all_inner_texts()
    assert int(numbers[0]) > int(numbers[1]) > 0
    expect(demo.locator("#person-0 .tk")).to_be_visible()
    expect(demo.locator("#person-1 .tk-quiet")).to_be_visible()
    expect(demo.locator("#person-1 .tk")).to_have_count(0)


def test_space_plays_from_the_start_and_pauses(demo: Page) -> None:
    """The first play begins on day one; the clock then moves by itself until space stops it."""
    demo.keyboard.press(" ")
    assert day(demo) == 1
    expect(demo.locator("#clock-sub")).to_contain_text("day 2")
    demo.keyboard.press(" ")
    expect(demo.locator("#play")).to_have_attribute("aria-label", "Play")


def test_arrows_step_by_a_day(demo: Page) -> None:
    """Forward, back, and the address keeps the day."""
    before = day(demo)
    demo.keyboard.press("ArrowRight")
    assert day(demo) == before + 1
    demo.keyboard.press("ArrowLeft")
    demo.keyboard.press("ArrowLeft")
    assert day(demo) == before - 1
    demo.wait_for_url(f"**/demo#day={before - 1}")


def test_a_deep_link_opens_its_day(demo: Page, base: str) -> None:
    """What happened until the end of that day is there."""
    demo.goto(f"{base}/demo#day=12")
    demo.reload()
    demo.wait_for_selector("[data-ready]")
    assert day(demo) == 12
    demo.evaluate("location.hash = '#day=30'")
    expect(demo.locator("#clock-sub")).to_have_text("day 30")


def test_the_slider_and_the_jump_move_the_same_clock(demo: Page) -> None:
    """Home, then the next event: the first thing that happened, at its time."""
    demo.locator("#scrub").focus()
    demo.keyboard.press("Home")
    assert demo.locator("#tally strong").all_inner_texts() == ["0", "0"]
    demo.keyboard.press("n")
    expect(demo.locator("#clock-sub")).to_contain_text("AM")
    demo.keyboard.press("End")
    assert demo.locator("#scrub").input_value() == demo.locator("#scrub").get_attribute("max")


def test_time_backwards_takes_messages_back(demo: Page) -> None:
    """Every moment looks the same, from whichever side it is reached."""
    demo.keyboard.press("ArrowLeft")
    left, day_before = demo.locator("#stage").inner_text(), day(demo)
    demo.keyboard.press("End")
    # Emptied first: an address that is there already would be no change.
    demo.evaluate("day => { location.hash = ''; location.hash = `#day=${day}` }", day_before)
    expect(demo.locator("#clock-sub")).to_have_text(f"day {day_before}")
    assert demo.locator("#stage").inner_text() == left


def test_why_opens_the_decision_beside_its_message(demo: Page) -> None:
    """Evidence, options with each guard's reason, the choice, and the record; Esc closes."""
    demo.locator("#person-1 .ask-why").first.click()
    panel = demo.locator("#why")
    expect(panel).to_be_visible()
    for words in ("What we knew then", "What was possible", "Daytime", "Consent"):
        expect(panel).to_contain_text(words)
    for words in ("Choice probability", "Policy", "Seed", "chosen"):
        expect(panel).to_contain_text(words)
    demo.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_why_goes_back_to_the_approach(browser: Browser, base: str) -> None:
    """A message's own decision weighs channels; the needs were weighed when its step began."""
    context = browser.new_context()
    page = context.new_page()
    story = deepcopy(STORY)
    for decision in story["customers"][0]["decisions"]:
        if decision["kind"] != "approach":
            decision["evidence"] = []
    page.route("**/story.json", lambda route: route.fulfill(json=story))
    opened(page, f"{base}/demo#day=3")
    page.locator("#person-0 .ask-why").first.click()
    expect(page.locator("#why")).to_contain_text("Walk alongside")
    expect(page.locator("#why")).to_contain_text("Need for reassurance")
    context.close()


def test_asking_a_helper_shows_no_needs(browser: Browser, base: str) -> None:
    """It rests on what happened alone; needs beside it would say otherwise."""
    context = browser.new_context()
    page = context.new_page()
    story = deepcopy(STORY)
    asked = {"kind": "touch", "question": "Ask the nurse for help?", "chosen": "advisor"}
    late = {"id": "help", "at": "2026-03-12T20:00:00Z", "evidence": [], "options": []}
    decisions = story["customers"][0]["decisions"]
    decisions.append(decisions[0] | asked | late)
    page.route("**/story.json", lambda route: route.fulfill(json=story))
    opened(page, f"{base}/demo#day=30")
    told = page.locator("#rail .chose", has_text="The nurse was asked to help")
    told.locator(".ask-why").click()
    expect(page.locator("#why")).to_contain_text("plays no part")
    expect(page.locator("#why")).not_to_contain_text("Need for")
    context.close()


def test_why_not_is_said_too(demo: Page, base: str) -> None:
    """An option that a guard removed shows the guard's reason and until when."""
    demo.goto(f"{base}/demo#day=2")
    demo.reload()
    demo.locator("#person-1 .in_app .ask-why").click()
    removed = demo.locator("#why .options .removed").first
    expect(removed).to_contain_text("Distance")
    expect(removed).to_contain_text("Until")


def test_a_decision_on_the_line_is_a_sentence(demo: Page) -> None:
    """No question with an id behind it: what was decided, and until when."""
    demo.keyboard.press("End")
    told = " ".join(demo.locator("#rail .chose").all_inner_texts())
    assert "From here: " in told
    assert not re.search(r"How to|Ask the|: (wait|advisor|nothing)|_", told)


@pytest.mark.parametrize(
    ("mean", "sd", "words"),
    [
        (0.6, 0.8, "probably more than most, not certain"),
        (-0.5, 0.8, "probably less than most, not certain"),
        (0.3, 0.8, "not known yet"),
    ],
)
def test_what_is_only_likely_is_said_as_likely(
    demo: Page, mean: float, sd: float, words: str
) -> None:
    """Not known, yet more likely than not beyond half a deviation: so it is acted upon."""
    said = demo.evaluate(
        "async seen => (await import('/static/demo/story.js')).believed(seen)",
        {"mean": mean, "sd": sd, "known": False},
    )
    assert said == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("it is 15:42 in America/New_York", "It is 3:42 PM in New York."),
        ("it is 00:05 in UTC", "It is 12:05 AM in UTC."),
        ("the email is known", "The e-mail address is known."),
        ("nobody has consented to service messages by sms", None),
    ],
)
def test_a_guards_reason_holds_no_ids(demo: Page, reason: str, words: str | None) -> None:
    """A clock of twelve hours, a place instead of a zone, words instead of channels."""
    said = demo.evaluate("async r => (await import('/static/demo/words.js')).reason(r)", reason)
    assert said == (words or "Nobody has consented to service messages by text message.")


def test_the_desk_joins_equal_tips_and_closes_what_was_done(browser: Browser, base: str) -> None:
    """One tip with two dates; a request is answered once the customer's step is done."""
    story = deepcopy(STORY)
    angela = story["customers"][0]
    title = next(s["title"] for s in angela["trackers"][-1]["steps"] if s["status"] == "done")
    asked = {"kind": "approach", "step": "first", "question": f"How to accompany “{title}”?"}
    angela["decisions"].insert(0, angela["decisions"][0] | asked | {"id": "new"})
    note = {"text": "Hello", "answer_by": None, "about": None, "step": "first"}
    story["helper"]["inbox"] = [
        note | {"id": "1", "kind": "tip", "subject": "A tip", "at": "2026-03-02T20:00:00Z"},
        note | {"id": "2", "kind": "tip", "subject": "A tip", "at": "2026-03-03T20:00:00Z"},
        note
        | {"id": "3", "kind": "request", "subject": "Please call", "about": angela["name"]}
        | {"at": story["start"]},
    ]
    context = browser.new_context()
    page = context.new_page()
    page.route("**/story.json", lambda route: route.fulfill(json=story))
    opened(page, f"{base}/demo#day=60")
    expect(page.locator("#desk .note.tip")).to_have_count(1)
    expect(page.locator("#desk .note.tip")).to_contain_text("also Mar 2")
    expect(page.locator("#desk .note.request .tag")).to_have_text("answered")
    context.close()


def test_on_a_phone_the_screens_are_switched(browser: Browser, base: str) -> None:
    """One clock row below, three buttons above; the second brings Adaya's screen to the edge."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    opened(page, f"{base}/demo")
    dock = page.locator("#dock").bounding_box()
    assert dock is not None
    assert dock["height"] < 80
    page.get_by_role("button", name="Adaya", exact=True).click()
    expect(page.locator("#person-1")).to_be_in_viewport(ratio=0.5)
    expect(page.get_by_role("button", name="Adaya", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.locator("#unfold").click()
    expect(page.locator("#lanes")).to_be_visible()
    context.close()


def test_a_mail_opens_in_its_phone(demo: Page) -> None:
    """In a sandboxed frame; Esc puts it away and returns the focus."""
    demo.locator("#person-0 .msg-mail").first.click()
    frame = demo.frame_locator("#person-0 iframe")
    expect(frame.locator("body")).to_contain_text("Dear Angela")
    demo.keyboard.press("Escape")
    expect(demo.locator("#person-0 .ph-sheet")).to_be_hidden()
    assert demo.evaluate("document.activeElement.className") == "msg-mail"


def test_a_lock_screen_shows_no_word_of_a_mail(demo: Page) -> None:
    """Its subject and its length only: a body may hold what others must not read."""
    assert "Dear Angela" not in demo.locator("#person-0 .phone").inner_text()


def test_with_less_motion_nothing_sweeps(browser: Browser, base: str) -> None:
    """Play goes from one event to the next, and nothing is animated."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    opened(page, f"{base}/demo")
    page.keyboard.press(" ")
    expect(page.locator("#clock-sub")).to_contain_text("AM")
    assert page.locator(".arriving").count() == 0
    context.close()


def test_the_tracker_works_without_script(browser: Browser, base: str) -> None:
    """The quiet one opens as a details element does."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/t/token-adaya")
    expect(page.locator(".line")).to_be_hidden()
    page.get_by_text("Show all the steps").click()
    expect(page.locator(".line")).to_be_visible()
    context.close()


@pytest.mark.parametrize("path", ["/demo", "/mailbox", "/t/token-angela", "/customers/angela"])
def test_nothing_is_cut_off_at_twice_the_size(browser: Browser, base: str, path: str) -> None:
    """200% zoom of a common window is a window half as large."""
    context = browser.new_context(viewport={"width": 640, "height": 400})
    page = context.new_page()
    opened(page, base + path)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    context.close()


WORDY = [
    ("Choosing your appointment", "2026-03-28T16:00:00Z", "2026-04-02T16:00:00Z"),
    ("Your signature under the application", "2026-09-23T14:20:00Z", "2026-09-23T14:20:00Z"),
]


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
@pytest.mark.parametrize("tracker", ["front", "quiet"])
def test_a_steps_title_keeps_its_line(browser: Browser, width: int, tracker: str) -> None:
    """However long its date is, a title has 60% of the line, and none of its words is broken."""
    book = FakeBook()
    journey = book.records["angela"]["journeys"][0]
    journey["tracker"] = tracker
    for step, (title, start, end) in zip(journey["steps"][-2:], WORDY, strict=True):
        step |= {"title": title, "status": "ahead", "expected": {"from": start, "to": end}}
    journey["steps"][-1]["appointment"] = WORDY[1][1]
    with TestClient(create_app(book)) as client:
        html = client.get("/t/token-angela").text
        style = "".join(client.get(f"/static/{s}.css").text for s in ("tokens", "tracker"))
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.set_content(html.replace("</head>", f"<style>{style}</style></head>"))
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    shares, broken = page.evaluate(MEASURE)
    context.close()
    assert (len(shares), broken) == (len(journey["steps"]) - 1, [])
    assert min(shares) >= 0.6


MEASURE = """() => {
  const titles = [...document.querySelectorAll(".step-title")];
  const room = li => {
    const s = getComputedStyle(li);
    return li.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight);
  };
  const broken = titles.flatMap(t => [...t.textContent.matchAll(/\\S+/g)].filter(word => {
    const range = document.createRange();
    range.setStart(t.firstChild, word.index);
    range.setEnd(t.firstChild, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map(word => word[0]));
  return [titles.map(t => t.getBoundingClientRect().width / room(t.parentElement)), broken];
}"""
"""For each title its share of its line, and the words that stand on two lines."""
