"""What a person reads when something is wrong."""

import pytest

from ofone.domain import errors
from ofone.domain.errors import OfoneError, PlaybookError, Problem


def test_a_problem_says_where_what_and_what_would_work() -> None:
    """In the form that editors turn into a link."""
    problem = Problem(where="p.yaml", line=4, column=2, what="unknown step 'exm'", hint="try exam")
    assert str(problem) == "p.yaml:4:2: unknown step 'exm'; try exam"


def test_a_problem_without_a_place_or_hint_leaves_them_out() -> None:
    """No ``:0:0`` and no trailing semicolon."""
    assert str(Problem(where="steps[0]", what="is empty")) == "steps[0]: is empty"


def test_a_playbook_error_lists_every_problem() -> None:
    """A designer sees all of them at once, not one a day."""
    problems = (Problem(where="a", what="x"), Problem(where="b", what="y"))
    with pytest.raises(PlaybookError, match=r"^a: x\nb: y$") as caught:
        raise PlaybookError(problems)
    assert caught.value.problems == problems


def test_every_error_has_one_base_and_is_in_the_header() -> None:
    """The module's table is the map of what can go wrong."""
    found = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    assert all(issubclass(e, OfoneError) for e in found)
    assert all(f"``{e.__name__}``" in str(errors.__doc__) for e in found)
