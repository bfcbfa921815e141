"""Group commit: events from many callers share one transaction, and each waits for its own."""

import queue
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock, Thread

from ofone.domain.errors import StoreError
from ofone.domain.events import Event
from ofone.runtime.engine import Ack, Engine
from ofone.runtime.ports import DeadLetter

Work = tuple[Sequence[Event], Sequence[DeadLetter], "Future[list[Ack]]"]


class Intake:
    """One thread that commits. While it waits for the disk, the next group gathers by itself."""

    def __init__(self, engine: Engine, *, most: int = 512) -> None:
        self.engine = engine
        self.most = most
        self._lock = Lock()
        self._closed = False
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def submit(
        self, events: Sequence[Event], letters: Sequence[DeadLetter] = ()
    ) -> "Future[list[Ack]]":
        """Acknowledged once durable; the future raises StoreError when it could not be."""
        future: Future[list[Ack]] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(StoreError("the intake is closed; send it again later"))
            else:
                self._queue.put((events, letters, future))
        return future

    def close(self) -> None:
        """Take what has been submitted, then stop."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            group: list[Work] = []
            size = 0
            while size < self.most:
                try:
                    work = self._queue.get(block=not group)
                except queue.Empty:
                    break
                if work is None:
                    open_ = False
                    break
                # Whoever went away while waiting is not answered, and nothing of it is taken.
                if work[2].set_running_or_notify_cancel():
                    group.append(work)
                    size += len(work[0]) + len(work[1])
            if group:
                self._commit(group)

    def _commit(self, group: list[Work]) -> None:
        try:
            acks = self.engine.submit_many(
                [e for events, _, _ in group for e in events],
                letters=[d for _, letters, _ in group for d in letters],
            )
        except Exception as error:  # noqa: BLE001  (told to each caller; the thread must go on)
            for _, _, future in group:
                future.set_exception(error)
            return
        at = 0
        for events, _, future in group:
            future.set_result(acks[at : at + len(events)])
            at += len(events)
