"""Links to a customer's own pages: nobody can guess one, and none holds personal data."""

import hmac
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

from ofone.runtime.ports import Store


class Links:
    """Makes tracker links. ``base`` is the address the pages are served at, without a final /.

    ``remember``: whether a link that is made can be opened later; one who only reads makes none.
    """

    def __init__(self, store: Store, base: str, *, remember: bool = True) -> None:
        self.store = store
        self.remember = remember
        self.base = base.rstrip("/")
        self._secret = store.secret()

    def token(self, customer: str, journey: int) -> str:
        """128 bits that only the holder of the store's secret can make; remembered when made."""
        said = f"tracker\x1f{customer}\x1f{journey}".encode()
        digest = hmac.digest(self._secret, said, "sha256")[:16]
        token = urlsafe_b64encode(digest).decode().rstrip("=")
        if self.remember:
            self.store.link(token, customer, journey)
        return token

    def tracker(self, customer: str, journey: int) -> str:
        """The address of the tracker of one journey."""
        return f"{self.base}/t/{self.token(customer, journey)}"

    def questions(self, customer: str, journey: int, **chosen: object) -> str:
        """The address of the page that asks; with ``item`` and ``answer``, that answer is chosen.

        Opening it changes nothing: the page sends the answer.
        """
        return f"{self.tracker(customer, journey)}/questions" + (
            f"?{urlencode(chosen)}" if chosen else ""
        )
