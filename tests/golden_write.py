"""Write the golden files of a story that has none yet: ``python -m tests.golden_write``.

Golden files are added to, never rewritten: a story that is there is left as it is, and said so. To
change one on purpose, delete its effects file, write it, and read the difference.
"""

import sys
from pathlib import Path

from tests.golden_play import GOLDEN, STORIES, TALES, effects, events


def write(story: str, folder: Path) -> list[str]:
    """What was written, or why not, a line per file."""
    said = []
    for name, lines in (("events", events(story)), ("effects", effects(story))):
        path = folder / story / f"{name}.jsonl"
        if path.exists():
            said.append(f"{path} is there and stays; delete it first to write it anew")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        said.append(f"{path} written, {len(lines)} lines")
    return said


if __name__ == "__main__":
    for one in (*STORIES, *TALES):
        sys.stdout.write("\n".join(write(one, GOLDEN)) + "\n")
