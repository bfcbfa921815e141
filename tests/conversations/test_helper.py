"""What a helper is told, and what cannot be told."""

import msgspec
import pytest

from ofone.conversations.helper import COPY_BODY, COPY_SUBJECT, KNOWN, compose_helper
from ofone.conversations.messages import check
from ofone.domain.effects import HelperView
from ofone.domain.errors import TemplateError
from ofone.domain.times import DAY, Micros

AT: Micros = 1_773_152_400_000_000
VIEW = HelperView(
    helper="h1",
    helper_name="Daniel",
    role="advisor",
    customer="c1",
    customer_name="Angela Diaz",
    journey_title="Life insurance",
    step="exam",
    step_title="Health assessment",
    step_entered=AT,
    step_days=5,
)
SUBJECT = "{{ customer.name }}: {{ step.title }}"
BODY = (
    "{{ helper.name }}, {{ customer.name }} reached this step of “{{ journey.title }}” on "
    "{{ step.entered | date_long }}, {{ step.days }} days ago."
    "{% if answer_by %} Please answer by {{ answer_by | date_short }}.{% endif %}"
)


def told(body: str, answer_by: Micros | None = None, view: HelperView = VIEW) -> str:
    zone, locale = "America/New_York", "en-US"
    return compose_helper(SUBJECT, body, view, answer_by, zone, locale, "p: nudge").text


def test_a_helper_reads_the_step_in_their_own_zone() -> None:
    """A tip; a request adds the day by which it should be answered."""
    text = told(BODY)
    assert text.startswith("Daniel, Angela Diaz reached this step of “Life insurance” on Tuesday,")
    assert "answer" not in text
    assert "Please answer by Mar 12." in " ".join(told(BODY, AT + 2 * DAY).split())


@pytest.mark.parametrize(
    "name", ["needs.reassurance.mean", "approach", "traits.mood", "facts.amount", "customer.id"]
)
def test_a_helper_message_cannot_name_what_a_helper_may_not_see(name: str) -> None:
    """The view has no such field, so neither the check nor the rendering knows the name."""
    with pytest.raises(TemplateError, match="p: nudge body: line 1: unknown name"):
        told(f"{{{{ {name} }}}}")
    assert check(subject=SUBJECT, body=f"{{{{ {name} }}}}", channel="email", known=KNOWN)


def test_the_known_names_are_the_names_there_are() -> None:
    assert check(subject=SUBJECT, body=BODY, channel="email", known=KNOWN) == []


def test_a_helper_mail_is_the_view_and_the_words_and_nothing_else() -> None:
    """Equal views give equal bytes; ids of customers and helpers are in none of them."""
    copy = msgspec.structs.replace(VIEW, customer="c999", helper="h999", step="other", role="x")
    assert told(BODY) == told(BODY, view=copy)


def test_a_request_ends_with_the_way_to_answer_it_unless_its_words_name_it() -> None:
    """One tap from the mail to the page; a tip asks for nothing, so it has none."""
    zone, locale, page = "America/New_York", "en-US", "https://x.example/h/abc#r1"

    def mail(body: str, answer_by: Micros | None) -> str:
        return compose_helper(SUBJECT, body, VIEW, answer_by, zone, locale, "p", page).text

    assert "Answer with one tap" in mail("Please call.", AT)
    assert mail("Please call: {{ page }}", AT).count(page) == 1
    assert page not in mail("A tip.", None)


def test_a_request_says_the_customers_number_unless_its_words_do() -> None:
    """Where it is known; a tip asks nobody to call, so it has none."""

    def mail(body: str, phone: str, answer_by: Micros | None = AT) -> str:
        view = msgspec.structs.replace(VIEW, phone=phone)
        return told(body, answer_by, view)

    assert "Telephone: +12025550143" in mail("Please call.", "+12025550143")
    assert mail("On {{ customer.phone }}, please.", "+12025550143").count("+12025550143") == 1
    assert "Telephone" not in mail("Please call.", "")
    assert "+1202" not in mail("A tip.", "+12025550143", None)


def test_a_plain_copy_has_fixed_words() -> None:
    """They are ours: no playbook, approach or message to the customer has a part in them."""
    text = compose_helper(COPY_SUBJECT, COPY_BODY, VIEW, None, "America/New_York", "en-US", "c")
    assert text.subject == "For your information: Angela Diaz, Health assessment"
    assert '"Health assessment" (Life insurance) on\nTuesday, March 10.' in text.text
    assert check(subject=COPY_SUBJECT, body=COPY_BODY, channel="email", known=KNOWN) == []
