"""Is everything here that is needed, and what is to be done where it is not."""

import shutil
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo

from ofone.app import DATABASE
from ofone.domain.errors import OfoneError
from ofone.journeys.load import bundled, bundled_names
from ofone.stores.sqlite import SqliteStore

Check = dict[str, str | bool]

_NEEDED = ("msgspec", "common-expression-language", "python-liquid", "mrml", "litestar", "duckdb")


def examine(data: Path | None) -> list[Check]:
    """Every check with ``name``, ``ok`` and ``detail``; with a data folder, that one too."""
    found = [_python(), _sqlite(), _zones(), *_packages(), *_playbooks(), _browser()]
    if data is not None:
        found.append(_data(data))
    return found


def _check(name: str, ok: bool, detail: str) -> Check:
    return {"name": name, "ok": ok, "detail": detail}


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return _check(
        "Python", ok, sys.version.split()[0] + ("" if ok else "; 3.11 or newer is needed")
    )


def _sqlite() -> Check:
    ok = sqlite3.sqlite_version_info >= (3, 31)
    text = sqlite3.sqlite_version + ("" if ok else "; 3.31 or newer is needed")
    return _check("SQLite", ok, text)


def _zones() -> Check:
    try:
        ZoneInfo("America/New_York")
    except OSError:
        return _check("time zones", False, "no zone data; install the tzdata package")
    return _check("time zones", True, "known")


def _packages() -> list[Check]:
    found = []
    for name in _NEEDED:
        try:
            found.append(_check(name, True, version(name)))
        except PackageNotFoundError:
            found.append(_check(name, False, "missing; run: pip install ofone"))
    return found


def _playbooks() -> list[Check]:
    found = []
    for name in bundled_names():
        try:
            found.append(_check(f"playbook {name}", True, f"version {bundled(name).version}"))
        except OfoneError as error:
            found.append(_check(f"playbook {name}", False, str(error)))
    return found


def _browser() -> Check:
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
    )
    return _check("browser", True, path or "none; only the browser tests need one")


def _data(data: Path) -> Check:
    name = f"data folder {data}"
    if not (data / DATABASE).exists():
        return _check(name, False, "no journeys in it yet; `ofone run` begins them")
    try:
        store = SqliteStore(data / DATABASE, wait_s=0.5)
    except OfoneError as error:
        return _check(name, False, str(error))
    try:
        counts = store.counts()
        waiting = len(store.dead_letters())
    finally:
        store.close()
    free = shutil.disk_usage(data).free // 2**20
    text = f"{counts.get('customers', 0)} customers, {free} MiB free, {waiting} dead letters wait"
    return _check(name, free > 100, text)
