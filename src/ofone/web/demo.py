"""The demo: two people, one process, the same clock. The story is precomputed by the engine."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template

from ofone.web.charts import score
from ofone.web.mail import mail_page
from ofone.web.ports import Book

NO_STORY = "There is no demo here. Start it with: ofone demo"


@get("/demo", sync_to_thread=False)
def demo(book: NamedDependency[Book]) -> Template:
    """The page; its script asks for the story."""
    story = _story(book)
    return Template("demo.html", context={"story": story, "score": score(story)})


@get("/demo/story.json", sync_to_thread=False)
def story_json(book: NamedDependency[Book]) -> Response[bytes]:
    """The whole story in one document, as ``Book.story`` gives it; long integers as text."""
    return Response(msgspec.json.encode(_exact(_story(book))), media_type="application/json")


@get("/demo/mail/{key:str}", sync_to_thread=False)
def demo_mail(book: NamedDependency[Book], key: FromPath[str]) -> Response[str]:
    """One mail of the story, for the sandboxed frame inside a phone."""
    for person in _story(book).get("customers", ()):
        for delivery in person.get("deliveries", ()):
            if delivery.get("key") == key:
                return mail_page(delivery)
    raise NotFoundException(f"no mail {key!r} in the story")


def _exact(value: Any) -> Any:
    """The same with integers that a browser would round (a seed) written as text."""
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    return value


def _story(book: Book) -> dict[str, Any]:
    story = book.story()
    if story is None:
        raise NotFoundException(NO_STORY)
    return story
