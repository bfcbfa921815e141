"""The contract's asserts speak as clearly as a test's own."""

import pytest

pytest.register_assert_rewrite("tests.channels.contract")
