"""An appointment as a file, for a calendar that took no invitation."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from ofone.conversations.calendar import file
from ofone.web.ports import Book


@get("/t/{token:str}/calendar/{name:str}", sync_to_thread=False)
def download(
    book: NamedDependency[Book], token: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """The appointment of the step ``{name}.ics`` as it stands; after a change it is another one."""
    found = book.by_link(token)
    step = name.removesuffix(".ics")
    it = book.appointment(*found, step) if found and step != name else None
    if it is None or it.cancelled:
        raise NotFoundException("no appointment behind this link")
    return Response(
        file(it),
        media_type="text/calendar",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )
