"""One refusal, by its id and the words that its message must hold, with a cure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from groundswell.errors import GroundswellError


@contextmanager
def refusing(refusal: str, *words: str) -> Iterator[None]:
    """What is inside is refused with this id alone, and says each of the words."""
    with pytest.raises(GroundswellError) as caught:
        yield
    assert {problem.refusal for problem in caught.value.problems} == {refusal}, str(caught.value)
    assert all(problem.where and problem.fault and problem.cure for problem in caught.value.problems)
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)
