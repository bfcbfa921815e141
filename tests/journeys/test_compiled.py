"""References resolved, or every problem named with what would work."""

import msgspec
import pytest
from msgspec.structs import replace
from tests.building import START, document, edited, visit, visit_with

from ofone.conversations.messages import compose
from ofone.conversations.segments import segments
from ofone.domain.errors import PlaybookError
from ofone.domain.times import DAY
from ofone.domain.words import Channel
from ofone.journeys.compiled import Compiled, canonical, compile_playbook, version_of
from ofone.journeys.load import bundled, load
from ofone.journeys.playbook import Approach, Days, Entry, Match, Playbook, Step


def _button(url: str) -> str:
    """A step with something to do, and where."""
    return f'    happens: You choose.\n    you_do: Choose.\n    act: {{title: Go, url: "{url}"}}\n'


# What was written, what it became, and the path and the words of the problem.
WRONG: dict[str, tuple[str, str, str]] = {
    "goal": ("goal: visited", "goal: vsited", "goal: unknown step 'vsited'; did you mean"),
    "after a step that is not": (
        "after: [form]",
        "after: [fom]",
        "steps[2].after[0]: unknown step 'fom'; did you mean 'form'? steps are: form, booked",
    ),
    "after a later step": (
        "after: [form]",
        "after: [visited]",
        "step 'paper' comes before 'visited', which it waits for; write the steps in the order",
    ),
    "after itself": ("after: [form]", "after: [paper]", "comes before 'paper', which it waits for"),
    "action": ("- send: nudge", "- send: nugde", "unknown action 'nugde'; did you mean 'nudge'?"),
    "approach of touches": (
        "      plain:\n        - send: more",
        "      plan:\n        - send: more",
        "steps[2].accompany.plan: unknown approach 'plan'; did you mean 'plain'? approaches are",
    ),
    "approach of a switch": ("approach: warm", "approach: worm", "unknown approach 'worm'"),
    "approach of for": ("for: [plain]", "for: [plan]", "then[1].for[0]: unknown approach 'plan'"),
    "calendar without a date": (
        "    tip: tip_booked",
        "    calendar: {title: A visit}",
        "steps[1].calendar: step 'booked' has no appointment; name its date",
    ),
    "what to prepare without a date": (
        "    tip: tip_booked",
        "    tip: tip_booked\n    prepare: {points: [A card]}",
        "steps[1].prepare: without an appointment there is no day to prepare for",
    ),
    "a step in the playbook's own language": (
        "    tip: tip_booked",
        "    tip: tip_booked\n    says: {en: {title: A, happens: B}}",
        "steps[1].says.en: 'en' is the playbook's own language",
    ),
    "half of what to prepare": (
        "    date: visit_at",
        (
            "    date: visit_at\n    prepare: {points: [A card]}\n"
            "    says: {de: {title: A, happens: B}}"
        ),
        "steps[3].says.de.prepare: 0 points to prepare, where the playbook has 1",
    ),
    "a button for nothing": (
        "    happens: You choose a time.\n",
        "    happens: You choose a time.\n    act: {title: Go, url: https://x.example}\n",
        "steps[1].act: step 'booked' has nothing for the customer to do; say in you_do: what",
    ),
    "a button over an open line": (
        "    happens: You choose a time.\n",
        _button("http://x.example/a"),
        "steps[1].act.url: 'http://x.example/a' is no address of a page; write https://book",
    ),
    "a button that tells more": (
        "    happens: You choose a time.\n",
        _button("https://x.example/{name}"),
        "steps[1].act.url: '{' stands in 'https://x.example/{name}'; {key} is all that is filled",
    ),
    "a button of the key's own house": (
        "    happens: You choose a time.\n",
        _button("https://{key}.example/a"),
        "steps[1].act.url: the key would name the host; write {key} behind the first /",
    ),
    "a button without its words": (
        "    happens: You choose a time.\n",
        _button("https://x.example/{key}") + "    says: {de: {title: A, happens: B, you_do: C}}\n",
        "steps[1].says.de: act is there in the playbook's own words, and missing here; add act:",
    ),
    "a reason that is a sentence of its own": (
        "    tip: tip_booked",
        "    tip: tip_booked\n    says: {de: {title: A, happens: B, late_because: weil es regnet}}",
        "steps[1].says.de.late_because: it stands inside a sentence; write it as it follows",
    ),
    "hours in other languages alone": (
        "zone: UTC",
        "zone: UTC\ncontact: {phone: '112', hours_in: {de: Mo bis Fr}}",
        "contact.hours_in: there are no hours in the playbook's own words; add hours:",
    ),
    "place in the calendar": (
        "    date: visit_at",
        "    date: visit_at\n    calendar: {title: A visit, place: plaec}",
        "steps[3].calendar.place: unknown remembered property 'plaec'; did you mean 'place'?",
    ),
    "calendar of nothing": (
        "    title: Hello\n",
        "    title: Hello\n    calendar: true\n",
        "actions[0].calendar: no step has an appointment for the calendar",
    ),
    "helper message": ("ask: help_form", "ask: help", "unknown helper message 'help'"),
    "helper": ("to: guide, kind: tip", "to: guid, kind: tip", "unknown helper 'guid'; did you"),
    "words on no channel": (
        "- send: nudge",
        "- {send: nudge, channels: [email], for: [warm]}",
        "'nudge' has no words for 'warm' on email; add them under content.warm or content.any",
    ),
    "tip": (
        "tip: tip_booked",
        "tip: help_form",
        "'help_form' is a request; a tip asks for",
    ),
    "date": ("date: visit_at", "date: visit", "unknown remembered property 'visit'; did you mean"),
    "anchor": ("before visit_at", "before visit", "remembered properties are: visit_at, place"),
    "asked for some": (
        "- ask: help_form",
        "- {ask: help_form, for: [plain]}",
        "a helper is asked at the same threshold for everyone; ask in a reaction, without for",
    ),
    "asked on a need": (
        "- ask: help_form",
        "- {ask: help_form, if: needs.trust.high > 0.5}",
        "same threshold",
    ),
    "asked beside a step": (
        "      plain:\n        - send: more",
        "      plain:\n        - ask: help_form",
        "steps[2].accompany.plain[0]: a helper is asked at the same threshold",
    ),
    "two things at once": (
        "- send: nudge",
        "- {send: nudge, ask: help_form}",
        "a touch does one thing, this one has ['send', 'ask']; use send, ask, approach",
    ),
    "an hour for a helper": (
        "- ask: help_form",
        "- {ask: help_form, hour: other}",
        "reactions[1].then[0].hour: only what is sent has an hour; use it beside send",
    ),
    "a move without a date": (
        "    tip: tip_booked\n",
        "    tip: tip_booked\n    moved: nudge\n",
        "steps[1].moved: step 'booked' has no appointment; name its date",
    ),
    "a move that says nothing": (
        "    date: visit_at\n",
        "    date: visit_at\n    moved: nugde\n",
        "steps[3].moved.send: unknown action 'nugde'; did you mean 'nudge'?",
    ),
    "calm where something is to be done": (
        "    tip: tip_booked\n",
        "    tip: tip_booked\n    you_do: Choose.\n    quiet: {send: nudge}\n",
        "steps[1].quiet: step 'booked' needs the customer, who would read that nothing does",
    ),
    "calm without a length": (
        "    tip: tip_booked\n",
        "    tip: tip_booked\n    quiet: {send: nudge, after: a while}\n",
        "steps[1].quiet.after: 'a while' is not a length of time",
    ),
    "nothing at all": ("- send: nudge", "- {at: at once}", "a touch does one thing"),
    "moment": ("- send: nudge", "- {send: nudge, at: soon}", "'soon' is not a moment; write it"),
    "length": ("within: 2 days", "within: two days", "'two days' is not a length of time; write"),
    "condition": (
        "- send: nudge",
        "- {send: nudge, if: needs.calm.high > 1}",
        "there is no need 'calm'",
    ),
    "condition on the event of a touch": (
        "- send: nudge",
        "- {send: nudge, if: event.x > 1}",
        "'event' is not known here; known are",
    ),
    "condition on what is not remembered": (
        "- send: nudge",
        "- {send: nudge, if: facts.plac == 'Bonn'}",
        "then[0].if: unknown remembered property 'plac'; did you mean 'place'?",
    ),
    "condition that is no question": (
        "prefer: needs.reassurance.high > 0.5",
        "prefer: needs.reassurance.high",
        "approaches[0].prefer: condition “needs.reassurance.high” gives a number, not yes or no",
    ),
    "zone": ("zone: UTC", "zone: Mars/X", "unknown zone 'Mars/X'; write an IANA name such as"),
    "holiday": ("zone: UTC", "holidays: [May]", "holidays[0]: 'May' is not a date; write it like"),
    "step twice": ("- id: booked", "- id: form", "steps[1]: step 'form' is there twice; give each"),
    "action twice": ("- id: nudge", "- id: more", "action 'more' is there twice"),
    "reaction twice": ("id: slower", "id: slow", "steps[0].reactions[1]: reaction 'slow' is there"),
    "days": ("usual: 1, most: 3", "usual: 4, most: 3", "steps[0].days: most is less than usual"),
    "never opens": ("    opens: [Paper Asked]\n", "", "optional step 'paper' never opens; name"),
    "no subject": ("{subject: Hello, body", "{body", "the e-mail of 'hello' has no subject; add"),
    "missing variable": (
        "customer.first_name",
        "customer.frist_name",
        "actions[0].content.any.email.body: line 1: unknown name customer.frist_name; did you mean",
    ),
    "missing fact": ("{{ facts.visit_at", "{{ facts.vist_at", "facts holds: place, visit_at"),
    "broken template": ("first_name }}", "first_name", "expected '}}', found end of file"),
    "need for a helper": (
        "{{ answer_by }}",
        "{{ needs }}",
        "helper_messages[1].body: line 1:",
    ),
    "outcome called goal": ("id: cancelled", "id: goal", "'goal' names the goal itself; choose"),
    "quiet hours": (
        '{from: "00:00", to: "23:59"}',
        '{from: "20:00", to: "09:00"}',
        "from is not before to",
    ),
    "gap": ("gap: 0 minutes", "gap: none", "guards.gap: 'none' is not a length of time"),
    "language": (
        "zone: UTC",
        "zone: UTC\nlanguage: english",
        "language: unknown language 'english'; write its code: en, or de-AT",
    ),
    "an approach that catches everybody": (
        "    prefer: needs.reassurance.high > 0.5\n",
        "",
        "approaches[0]: 'warm' is for everybody, and those below it are never preferred; say in",
    ),
    "last approach": (
        "because: Good",
        "prefer: needs.trust.high > 0.5\n    because: Good",
        "approaches[1].prefer: the last approach is for everybody else; leave its prefer out",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named_with_what_would(name: str) -> None:
    """At its line and column; the path, the word that is wrong, and what works instead."""
    old, new, message = WRONG[name]
    with pytest.raises(PlaybookError) as caught:
        visit_with(old, new)
    assert message in str(caught.value)
    assert all(p.line > 1 and p.column >= 1 for p in caught.value.problems)


def test_all_problems_are_told_at_once() -> None:
    """A designer mends a file in one round."""
    steps = tuple(replace(s, date="nowhere") for s in document().steps)
    with pytest.raises(PlaybookError) as caught:
        edited(steps=steps, goal="nothing", zone="Mars")
    assert len(caught.value.problems) == 6


NOTICED = {
    "silent": ("      plain:\n        - send: hello\n", "", "'plain' says nothing at form, where"),
    "unused": ("- send: nudge", "- send: more", "actions[2]: action 'nudge' is never sent"),
    "a channel that nobody names": (
        "sms: {body: Nudge}",
        "{sms: {body: Nudge}, call: {body: Ring them.}}",
        "actions[2].content.any.call: nobody gets action 'nudge' by call; add call to the channels",
    ),
    "never": (
        "- send: nudge",
        "- {send: nudge, if: step.days > 3 && step.days < 2}",
        "“step.days > 3 && step.days < 2” can never hold",
    ),
}


@pytest.mark.parametrize("name", NOTICED)
def test_what_is_valid_and_probably_not_meant_is_noticed(name: str) -> None:
    """At its line, and the playbook compiles all the same."""
    old, new, message = NOTICED[name]
    notices = visit_with(old, new).notices
    assert [message in str(n) for n in notices].count(True) == 1
    assert all(n.line > 1 for n in notices)


def test_who_advertises_is_asked_for_a_postal_address() -> None:
    """Once, at the first action that does; with an address below the mails it is good."""
    old, new = "    title: Hello\n", "    title: Hello\n    purpose: marketing\n"
    book = visit_with(old, new)
    assert ["needs a postal address" in str(n) for n in book.notices].count(True) == 1
    told = edited(actions=book.playbook.actions, company_address="1 Main Street")
    assert "postal" not in str(told.notices)


def test_an_approach_that_never_says_anything_is_noticed_at_once() -> None:
    """Also one of few words; an empty list says that silence is meant."""
    for cadence in ("normal", "fewer"):
        last = replace(document().approaches[-1], cadence=cadence)
        kept = [s.accompany.get("warm", ()) for s in document().steps]
        steps = tuple(
            replace(s, accompany={"warm": t} if t else {})
            for s, t in zip(document().steps, kept, strict=True)
        )
        book = edited(steps=steps, approaches=(document().approaches[0], last))
        assert "'plain' says nothing at any step" in str(book.notices[0])
        meant = tuple(replace(s, accompany=s.accompany | {"plain": ()}) for s in steps)
        assert edited(steps=meant).notices == ()


@pytest.mark.parametrize("name", ["life-insurance", "loan"])
def test_the_bundled_playbooks_have_no_notices(name: str) -> None:
    """Where one of them is silent, it says so."""
    assert bundled(name).notices == ()


WRITTEN = """\
playbook: tiny
title: Tiny
about: The smallest there is.
entry: {event: {event: Ordered, if: event.amount > 1}, key: order}
goal: done
approaches:
  - id: plain
    title: Plain
    because: All.
    cadence: normal
    tone: plain
    channels: [email]
    tracker: quiet
steps:
  - id: done
    title: Done
    happens: It happens.
    completes: [Finished]
    days: {most: 2.5, usual: 1}
"""
TYPED = Playbook(
    playbook="tiny",
    title="Tiny",
    about="The smallest there is.",
    entry=Entry(event=Match(event="Ordered", if_="event.amount > 1"), key="order"),
    goal="done",
    approaches=(
        Approach(
            id="plain",
            title="Plain",
            because="All.",
            cadence="normal",
            tone="plain",
            channels=("email",),
            tracker="quiet",
        ),
    ),
    steps=(
        Step(
            id="done",
            title="Done",
            happens="It happens.",
            completes=("Finished",),
            days=Days(usual=1, most=2.5),
        ),
    ),
)


def test_yaml_and_python_give_one_document_and_one_version() -> None:
    """However it was written, in whatever order: the canonical text is the same."""
    from_yaml = load(WRITTEN, "tiny.yaml")
    from_python = compile_playbook(TYPED)
    assert canonical(from_yaml.playbook) == canonical(from_python.playbook)
    assert from_yaml.version == from_python.version
    turned = "\n".join([*WRITTEN.splitlines()[3:], *WRITTEN.splitlines()[:3]])
    assert load(turned, "tiny.yaml").version == from_python.version


def test_a_version_is_the_same_when_its_text_is_read_again() -> None:
    """What the store keeps gives the version that the journeys name."""
    for book in (compile_playbook(TYPED), visit(), bundled("loan")):
        kept = msgspec.json.decode(canonical(book.playbook), type=Playbook)
        assert version_of(kept) == compile_playbook(kept).version == book.version


def test_typed_python_is_checked_like_yaml() -> None:
    """A constructor checks no pattern and no range; compiling does."""
    with pytest.raises(
        PlaybookError, match=r"^explore: 0.9 does not work here; write a number from 0 to 0.2"
    ):
        compile_playbook(replace(TYPED, explore=0.9))


def test_a_version_changes_when_anything_does() -> None:
    """Twelve hexadecimal digits of the whole text, also of a message's words."""
    versions = {visit().version, visit_with("body: Nudge", "body: Nugde").version}
    versions |= {visit_with("usual: 1, most: 3", "usual: 1, most: 4").version}
    assert len(versions) == 3
    assert all(len(v) == 12 and int(v, 16) >= 0 for v in versions)


def test_what_comes_later_is_known_through_every_requirement() -> None:
    """An event of a later step implies the earlier ones that it cannot do without."""
    later = {name: set(ready.later) for name, ready in visit().steps.items()}
    assert later == {
        "form": {"booked", "paper", "visited"},
        "booked": {"visited"},
        "paper": {"visited"},
        "visited": set(),
    }


def test_the_words_of_any_fill_what_an_approach_leaves_out() -> None:
    """By channel: the approach's own words first."""
    book = bundled("life-insurance")
    standard, reassuring = (
        book.content("welcome", "standard"),
        book.content("welcome", "reassuring"),
    )
    assert standard["email"] != reassuring["email"]
    assert set(standard) == set(reassuring) == {"email", "sms", "in_app"}


def words(book: Compiled, *, helped: bool) -> dict[str, object]:
    date = "2026-09-23T10:20:00-04:00"
    span = {"from": START + 9 * DAY, "to": START + 23 * DAY}
    helper = {"name": "Martin Okafor", "title": "financial professional"} if helped else {}
    return {
        "company": book.playbook.company,
        "customer": {"name": "Bartholomew Featherstone", "first_name": "Bartholomew"},
        "helper": {"name": None, "title": ""} | helper,
        "journey": {"title": book.playbook.title},
        "step": {
            "title": "Your health assessment",
            "happens": "It happens.",
            "you_do": "Go.",
            "late_because": "your doctor's office has not answered yet",
        },
        "expected": span,
        "was": span,
        "end": span,
        "tracker_url": "https://journey.example.com/t/abcdefghijklmnopqrstuv",
        "facts": {
            name: date if name.endswith(("_at", "_until")) else "12 Cedar Street, Albany"
            for name in book.remember
        },
        "_zone": "America/New_York",
        "_locale": "en",
    }


@pytest.mark.parametrize("helped", [True, False])
@pytest.mark.parametrize("name", ["life-insurance", "loan"])
def test_every_bundled_message_renders_and_every_text_is_one_segment(
    name: str, helped: bool
) -> None:
    """With long names, dates and links; a text message costs one segment, at most two."""
    book = bundled(name)
    long: list[tuple[str, str, int]] = []
    for action in book.playbook.actions:
        for approach, channels in action.content.items():
            for channel, content in channels.items():
                where = f"{action.id}/{approach}/{channel}"
                text = rendered(book, channel, content.subject, content.body, where, helped=helped)
                if channel == "sms" and segments(text) > 1:
                    long.append((where, text, segments(text)))
    assert long == []


def rendered(
    book: Compiled, channel: Channel, subject: str, body: str, where: str, *, helped: bool
) -> str:
    context = words(book, helped=helped)
    said = compose(subject=subject, body=body, channel=channel, context=context, where=where)
    assert said.text.strip(), where
    assert bool(said.html) == (channel == "email"), where
    return said.text


@pytest.mark.parametrize("name", ["life-insurance", "loan"])
def test_every_bundled_touch_has_words_on_a_channel_of_its_approach(name: str) -> None:
    """Nothing is planned that could never be said."""
    book = bundled(name)
    for step in book.steps.values():
        touches = [(a, t) for a, plan in step.accompany.items() for t in plan]
        touches += [
            (a, t) for r in step.reactions.values() for t in r.then for a in book.approaches
        ]
        for approach, planned in touches:
            named = tuple(c for c in planned.touch.channels if c != "other")
            channels = named or book.approaches[approach].approach.channels
            if planned.touch.send:
                assert set(channels) & set(book.content(planned.touch.send, approach)), planned


def test_no_bundled_text_or_subject_says_anything_about_health() -> None:
    """What a lock screen shows reveals nothing: no health word in a text message or a subject."""
    for action in bundled("life-insurance").playbook.actions:
        for channels in action.content.values():
            shown = [channels[c].body for c in ("sms",) if c in channels]
            shown += [content.subject for content in channels.values()]
            for text in shown:
                for word in ("health", "exam", "doctor", "lab", "medic", "blood", "physician"):
                    assert word not in text.lower().replace("available", ""), (action.id, text)
