"""Channel, cadence and hours: three posteriors from acts, and what is stated beside them."""

from random import Random
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import START, event, moment

from ofone.domain.events import Happened, Value
from ofone.domain.state import CustomerState, Dated, Habit, Journey, Profile
from ofone.domain.times import DAY, HOUR, Micros
from ofone.domain.words import WRITTEN
from ofone.profiles.fold import fold
from ofone.profiles.preferences import (
    Preferences,
    better,
    cadence,
    channel,
    hours,
    infer,
    stated_window,
)

UTC = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")


def customer(
    *events: Happened, weeks: float = 4, contacts: tuple[Micros, ...] = ()
) -> CustomerState:
    """Ana after these events; her journey began so many weeks before ``START``."""
    profile = Profile()
    for one in events:
        profile = fold(profile, one)
    began = START - round(weeks * 7 * DAY)
    journey = Journey(number=0, playbook="visit", version="1", key="A", started=began)
    return CustomerState(customer="ana", profile=profile, journeys=(journey,), contacts=contacts)


def believed(*events: Happened) -> Preferences:
    return infer(customer(*events), UTC, START, "service")


def click(day: float, by: str = "email", name: str = "Message Clicked") -> Happened:
    return event(name, day, named=f"{name}{day}{by}", channel=by)


def at(text: str, name: str = "Message Answered") -> Happened:
    return replace(event(name, named=text), at=moment(text))


acts = st.builds(
    click,
    st.integers(-40, 3),
    st.sampled_from(["email", "sms", "in_app", "phone"]),
    st.sampled_from(["Message Clicked", "Tracker Opened", "Less Asked", "Preference Stated"]),
)


@given(st.lists(acts, max_size=40, unique_by=lambda e: e.id), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(events: list[Happened], chance: Random) -> None:
    """To the last bit: what is inferred depends on the acts and their times alone."""
    known = [e for e in events if e.name != "Preference Stated"]
    shuffled = chance.sample(known, len(known))
    assert believed(*known) == believed(*shuffled, *shuffled[:3])


def test_opened_mail_moves_nothing() -> None:
    """Privacy proxies open mail."""
    opened = [click(-day, "email", "Message Opened") for day in range(9)]
    assert believed(*opened) == believed()


def test_of_a_stranger_every_channel_is_as_likely() -> None:
    """The priors, and nothing more."""
    found = believed().channel
    assert found.shares == pytest.approx(dict.fromkeys(WRITTEN, 1 / 3))
    assert found.best == pytest.approx(dict.fromkeys(WRITTEN, 1 / 3), abs=1e-3)
    assert (found.stated, found.weight, found.evidence) == (None, 0, ())


def test_acts_on_a_channel_speak_for_it() -> None:
    """Three within moments of now: (1 + 3) of 6 draws, and P(best) in closed form."""
    found = believed(*[click(-day / 10, "sms") for day in range(3)]).channel
    assert found.shares["sms"] == pytest.approx(4 / 6, abs=0.001)
    assert found.best["sms"] == pytest.approx(1 - 2 / 16 + 1 / 81, abs=0.002)


def test_clicks_within_an_hour_are_one_visit() -> None:
    """One contact counts once, however many links it has; on two channels it is two."""
    minutes = [click(-n / 24 / 4, "sms") for n in range(9)]
    assert believed(*minutes).channel.weight == pytest.approx(1, abs=0.01)
    assert believed(*minutes, click(-0.01)).channel.weight == pytest.approx(2, abs=0.01)


def test_an_act_weighs_half_after_ninety_days() -> None:
    """And an old habit gives way to a new one."""
    old = [click(-90 - n, "email") for n in range(4)]
    assert believed(click(-90)).channel.weight == pytest.approx(0.5)
    found = believed(*old, *[click(-n, "sms") for n in range(1, 5)]).channel
    assert found.best["sms"] > 3 * found.best["email"]


def test_a_channel_is_inferred_for_each_purpose() -> None:
    """Who clicks in advertising by text message has said nothing of service."""
    ads = [replace(click(-n, "sms"), properties={"channel": "sms", "purpose": "marketing"})
           for n in range(1, 6)]  # fmt: skip
    profile = customer(*ads).profile
    assert better(profile, START, "marketing", "email") is not None
    assert better(profile, START, "service", "email") is None
    assert channel(profile, START, "service").weight == 0


def test_what_is_stated_stands_beside_what_is_inferred() -> None:
    """Both are shown, and which is which."""
    said: dict[str, Value] = {
        "channel": "email", "cadence": "weekly", "hours": "17:00-20:00", "days": "sat,sun",
    }  # fmt: skip
    word = replace(event("Preference Stated", -1), properties=said)
    found = believed(word, *[click(-n, "sms") for n in range(1, 6)])
    assert (found.channel.stated, max(found.channel.best, key=found.channel.best.__getitem__)) == (
        "email",
        "sms",
    )
    assert found.cadence.stated == 1
    assert (found.hours.stated_hours, found.hours.stated_days) == ("17:00-20:00", "sat,sun")


def test_a_stranger_wishes_for_about_a_message_a_week() -> None:
    """The prior, Gamma(2, 2 weeks), while no journey is open."""
    found = cadence(CustomerState(customer="ana"), START, "service")
    assert (found.mean, found.weeks, found.weight) == (1, 0, 0)
    assert (found.low, found.high) == pytest.approx((0.266, 1.945), abs=0.001)


def test_who_looks_for_news_wishes_for_more_and_silence_in_a_journey_for_less() -> None:
    """Ten calls in four weeks against none; where no journey was open, silence says nothing."""
    calls = [event("Status Call", -2.7 * n) for n in range(10)]
    silent = cadence(customer(), START, "service")
    eager = cadence(customer(*calls), START, "service")
    assert silent.high < eager.low
    nothing_open = replace(customer(), journeys=())
    assert cadence(nothing_open, START, "service").mean == 1


@pytest.mark.parametrize("name", ["Less Asked", "Consent Withdrawn"])
def test_a_wish_for_less_counts_as_quiet_weeks(name: str) -> None:
    """Four of them, just now: from 2/2 to 2/6 messages a week, beside the weeks looked at."""
    asked = cadence(customer(event(name, 0), weeks=0), START, "service")
    assert asked.mean == pytest.approx(2 / 6)


def test_a_full_memory_begins_at_its_oldest_act() -> None:
    """Else a customer with more acts than are kept would seem to act rarely."""
    daily = [event("Tracker Opened", -n) for n in range(60)]
    found = cadence(customer(*daily, weeks=9), START, "service")
    assert found.weight / found.weeks == pytest.approx(7, abs=0.2)
    assert len(found.evidence) == 31


def test_an_hour_is_tried_by_a_message_and_taken_by_an_answer() -> None:
    """Two evenings answered, a morning not; what was just sent may still be answered."""
    sent = ("2026-02-23T18:10:00", "2026-02-24T18:10:00", "2026-02-25T09:10:00")
    contacts = (*[moment(t) for t in sent], START - HOUR)
    answers = [at("2026-02-23T18:40:00"), at("2026-02-24T19:40:00")]
    found = hours(customer(*answers, contacts=contacts), UTC, START)
    assert found.weight == pytest.approx(5, abs=0.3)
    assert found.chances[24 + 18] > 0.5
    assert found.chances[48 + 9] < 0.25
    assert found.best == "Monday, Tuesday 17:00–20:00"


def test_evidence_counts_for_the_hours_and_days_around_it_as_on_a_circle() -> None:
    """Sunday at 23 speaks for Monday at 0, and less for the day after."""
    late = hours(customer(at("2026-03-01T23:30:00")), UTC, START).chances
    prior = 1 / 4
    assert late[167] > late[0] > late[1] > late[2] == prior
    assert late[167] > late[143] > late[119] > late[95] > prior
    assert (late[23], late[47], late[71]) == (late[143], late[119], late[95])


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        (NEW_YORK, ("2026-03-01T23:00:00", "2026-03-08T22:00:00")),
        (NEW_YORK, ("2026-10-25T22:00:00", "2026-11-01T23:00:00")),
    ],
)
def test_six_in_the_evening_is_six_whatever_the_clocks_do(
    zone: ZoneInfo, moments: tuple[str, str]
) -> None:
    """On the Sundays before and of a change, 18:00 on the wall is one and the same hour."""
    now = moment(moments[1]) + HOUR
    found = hours(customer(*[at(m) for m in moments]), zone, now)
    assert max(range(168), key=found.chances.__getitem__) == 6 * 24 + 18
    assert found.weight == pytest.approx(2, abs=0.1)


def test_nothing_is_called_the_best_hour_before_anything_was_taken_up() -> None:
    """Messages that nobody answered say only when not."""
    unanswered = hours(customer(contacts=(START - 3 * DAY,)), UTC, START)
    assert (unanswered.best, unanswered.chances[4 * 24 + 10] < 0.25) == ("", True)


def test_moments_beyond_the_calendar_are_no_evidence() -> None:
    """A source that sends nonsense does not break the page."""
    odd = [replace(event("Status Call", named=str(n)), at=START + s * 2**62)
           for n, s in enumerate((-1, 1))]  # fmt: skip
    assert infer(customer(*odd), UTC, START, "service").hours.weight == 0


def test_stated_hours_and_days_are_one_window() -> None:
    """What is left out is not narrowed."""

    def window(**said: Value) -> object:
        wishes = {k: Dated(v, START) for k, v in said.items()}
        return stated_window(Profile(preferences=wishes))

    assert window() is None
    assert window(hours=None) is None
    assert window(hours="09:00-10:00") == (540, 600, frozenset(range(7)))
    assert window(days="sun") == (0, 1440, frozenset({6}))


def held(weeks: int, lasting: float, chance: np.random.Generator, many: int) -> float:
    """The share of customers whose wish lies in its 80% interval after so many weeks.

    A wish is Gamma(2, 2 weeks) at any moment. On the normal scale, ``lasting`` of its variance
    never changes; the rest is an Ornstein-Uhlenbeck process with a half-life of 28 days.
    """
    gammas = np.sort(chance.gamma(2, 1 / 2, 200_000))
    days, phi, fading = weeks * 7, 0.5 ** (1 / 28), 1 - lasting
    trait, state = chance.normal(size=(2, many)) * np.sqrt([[lasting], [fading]])
    wishes = np.zeros((days, many))
    for day in range(days):
        ranks = [NormalDist().cdf(z) for z in trait + state]
        wishes[day] = gammas[(np.array(ranks) * len(gammas)).astype(int)]
        fresh = chance.normal(size=many) * np.sqrt(fading * (1 - phi * phi))
        state = phi * state + fresh
    acts = chance.poisson(wishes / 7)
    inside = 0
    for n in range(many):
        times = [
            START + DAY * (d + chance.uniform()) for d, k in enumerate(acts[:, n]) for _ in range(k)
        ]
        found = cadence(acting(times), START + days * DAY, "service")
        inside += bool(found.low <= wishes[-1, n] <= found.high)
    return inside / many


def acting(times: list[float]) -> CustomerState:
    """Somebody whose journey began at ``START`` and who clicked at these moments."""
    habits = [Habit(round(t), f"{n:03}", "clicked", "email") for n, t in enumerate(sorted(times))]
    journey = Journey(number=0, playbook="p", version="1", key="A", started=START)
    return CustomerState(
        customer="ana", profile=Profile(habits=tuple(habits[-32:])), journeys=(journey,)
    )


@pytest.mark.parametrize("weeks", [2, 4, 8, 16])
def test_the_interval_of_the_cadence_holds_what_it_says(weeks: int) -> None:
    """80% of simulated wishes, half lasting and half fading, lie in it: to 4 points, seeded."""
    assert held(weeks, 0.5, np.random.default_rng(weeks), 800) == pytest.approx(0.8, abs=0.04)


def test_for_wishes_that_never_change_the_interval_is_rather_too_wide() -> None:
    """What is forgotten might have changed: by at most ten points."""
    assert 0.78 <= held(8, 1.0, np.random.default_rng(1), 800) <= 0.9


def test_the_chance_to_be_the_best_channel_is_calibrated() -> None:
    """Where it is called the best with a chance of p, it is so for p of simulated customers."""
    chance = np.random.default_rng(7)
    sure, right = [], []
    for _ in range(3000):
        shares = chance.dirichlet([1, 1, 1])
        drawn = chance.choice(3, size=chance.integers(3, 12), p=shares)
        habits = [
            Habit(START - n * 2 * HOUR, f"{n}", "clicked", WRITTEN[c], "service")
            for n, c in enumerate(drawn)
        ]
        found = better(Profile(habits=tuple(sorted(habits))), START, "service", "none of them")
        if found is not None:
            sure.append(found[1])
            right.append(WRITTEN[int(shares.argmax())] == found[0])
    assert len(sure) > 800
    assert np.mean(right) == pytest.approx(np.mean(sure), abs=0.02)


def test_the_shares_of_the_channels_are_calibrated() -> None:
    """Where e-mail is believed to have a share of p, the next act is an e-mail p of the time."""
    chance = np.random.default_rng(8)
    expected, came = [], []
    for _ in range(2000):
        shares = chance.dirichlet([1, 1, 1])
        drawn = chance.choice(3, size=6, p=shares)
        habits = [
            Habit(START - n * 2 * HOUR, f"{n}", "clicked", WRITTEN[c], "service")
            for n, c in enumerate(drawn)
        ]
        found = channel(Profile(habits=tuple(sorted(habits))), START, "service")
        expected.append(found.shares["email"])
        came.append(chance.uniform() < shares[0])
    slope, intercept = np.polyfit(expected, np.array(came, dtype=float), 1)
    assert (slope, intercept) == (pytest.approx(1, abs=0.1), pytest.approx(0, abs=0.04))
