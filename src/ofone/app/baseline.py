"""The baseline of a playbook: a rehearsal of it, and its items calibrated."""

from collections.abc import Iterable
from typing import Any

import msgspec

from ofone.domain.errors import OfoneError
from ofone.journeys.ask_next import prefers, weighed
from ofone.journeys.compiled import Compiled


def simulate(compiled: Compiled, *, customers: int = 500, seed: int = 1) -> dict[str, Any]:
    """``ofone baseline --simulate``: plain data, the same for the same seed."""
    from ofone.simulation import people

    if not compiled.questions:
        raise OfoneError(f"playbook {compiled.name!r} asks nothing; give it items, or another one")
    found = people.simulate(
        compiled.questions,
        weighed(compiled),
        prefers(compiled),
        cut=compiled.playbook.cut,
        customers=customers,
        seed=seed,
    )
    return {"playbook": compiled.name, "version": compiled.version} | found


def calibrate_items(
    compiled: Compiled, lines: Iterable[bytes], where: str = "answers"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """``ofone calibrate-items``: the report, and the items as a playbook writes them.

    ``lines`` are JSON ``{person, item, answer, group?}``; empty ones are passed over. Raises
    OfoneError with the line that cannot be read.
    """
    from ofone.needs.calibrate import Answered, calibrate, item_file

    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                rows.append(msgspec.json.decode(line, type=Answered))
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise OfoneError(
                    f"{where}:{number}: {error}; write lines like "
                    '{"person": "p1", "item": "A1", "answer": 4}'
                ) from None
    report = calibrate(rows, compiled.questions)
    found = item_file(report, compiled.questions)
    says = {i.id: msgspec.to_builtins(i.says) for i in compiled.playbook.items if i.says}
    found["items"] = [i | {"says": says[i["id"]]} if i["id"] in says else i for i in found["items"]]
    return report, found
