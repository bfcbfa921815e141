"""``python -m tests.web.own_pictures`` draws the pictures of ``docs/how-to/in-charge.md``.

They show Angela's own pages at the end of her story.
"""

import io
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from litestar import Litestar
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from tests.conftest import CHROMIUMS, FLAGS
from tests.web.secured import House
from tests.web.serving import served
from tests.web.test_browser_you import EVENTS

from ofone.domain.times import to_datetime, to_micros
from ofone.web.access import COOKIE, PROVED
from ofone.web.headers import Site

PICTURES = Path(__file__).parents[2] / "docs" / "images" / "you"
SHOTS = (
    ("touch", "", 360, "light", "en"),
    ("messages", "/messages", 360, "light", "en"),
    ("beliefs", "/beliefs", 360, "light", "en"),
    ("beliefs", "/beliefs", 360, "dark", "de"),
    ("data", "/data", 360, "light", "fr"),
    ("erase", "/data/erase", 360, "dark", "es"),
    ("beliefs", "/beliefs", 1280, "light", "en"),
)


def draw(browser: Browser, house: House, base: str, folder: Path) -> None:
    """Every picture anew: whole pages, few colours, so that they stay small."""
    folder.mkdir(parents=True, exist_ok=True)
    path = house.path("angela")
    until = str(to_micros(house.now) + PROVED)
    seal = house.book.seal(COOKIE, path.rpartition("/")[2], until)
    for name, part, width, scheme, lang in SHOTS:
        with browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        ) as context:
            proof = {"name": COOKIE, "value": f"{until}.{seal}", "url": base + path}
            context.add_cookies([proof])  # type: ignore[list-item]
            page = context.new_page()
            page.goto(f"{base}{path}/you{part}?lang={lang}")
            first = page.locator("details").first
            if first.count():
                first.evaluate("one => one.open = true")
            page.emulate_media(reduced_motion="reduce")
            whole = page.screenshot(full_page=width < 1280, animations="disabled")
            shot = Image.open(io.BytesIO(whole)).convert("RGB")
        few = shot.quantize(48, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
        few.save(folder / f"{name}-{width}-{scheme}-{lang}.png", optimize=True)


def angelas(place: Path, base: str) -> House:
    """Her whole story, an hour after its end."""
    house = House(place, site=Site(base=base))
    for event in EVENTS:
        house.app.engine.submit(event)
    house.now = to_datetime(house.state("angela").now) + timedelta(hours=1)
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    return house


def main(folder: Path) -> None:
    """Draw the pictures into a folder."""
    chromium = next(path for name in CHROMIUMS if (path := shutil.which(name)))
    houses: list[House] = []

    def made(base: str) -> Litestar:
        houses.append(angelas(Path(place), base))
        return houses[0].pages

    with (
        tempfile.TemporaryDirectory() as place,
        served(made) as base,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        draw(browser, houses[0], base, folder)
        browser.close()
        houses[0].app.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
