"""The playbooks in force, and the older ones that journeys still run on."""

import pytest
from tests.building import visit, visit_with

from ofone.domain.errors import NotFound
from ofone.journeys.library import library

OLD = visit_with("title: A visit", "title: The old visit")
OTHER = visit_with("playbook: visit", "playbook: other")


def test_a_current_version_begins_journeys_and_an_older_one_only_goes_on() -> None:
    """Both are found by name and version."""
    books = library([visit()], older=[OLD])
    assert books.version("visit", OLD.version) is OLD
    assert books.version("visit", visit().version) is visit()
    assert books.entries["Ordered"] == (visit(),)


def test_a_version_that_nobody_kept_is_not_found() -> None:
    """The message names the playbook and the version."""
    with pytest.raises(NotFound, match=r"playbook 'visit' version abc is not in the library"):
        library([visit()]).version("visit", "abc")


def test_an_event_is_awaited_by_every_playbook_that_uses_it() -> None:
    """Once each, however many steps it completes."""
    books = library([visit(), OTHER])
    assert books.awaited["Visit Missed"] == (visit(), OTHER)
    assert "Worry Told" not in books.awaited


def test_a_contact_counts_once_for_a_need_in_all_playbooks_together() -> None:
    """Two playbooks that declare the same signal do not double the evidence."""
    assert len(library([visit(), OTHER]).signals["Worry Told"]) == 1
