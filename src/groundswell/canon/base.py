"""What the published models share: a text on what was checked, limits of parameters, replicates, and results."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import GroundswellError, Problem

if TYPE_CHECKING:
    import xarray as xr

T = TypeVar("T")
MOST = 2**20  # replicates of one call


@dataclass(frozen=True)
class Text:
    """Where a model is from, what of it was checked against that source, and what was not."""

    title: str
    source: str
    verified: tuple[str, ...]
    not_verified: tuple[str, ...]


def refuse(where: str, fault: str, cure: str) -> NoReturn:
    """Raise GroundswellError about an option of a published model."""
    raise GroundswellError(Problem("canon-option", where, fault, cure))


def within(rules: object, **limits: tuple[float, float]) -> None:
    """Raises GroundswellError naming each value of `rules` that is off its inclusive limits; None passes."""
    wrong = []
    for name, (low, high) in limits.items():
        value = getattr(rules, name)
        if value is not None and not low <= value <= high:  # a value that is no number is off any limits
            wrong.append(Problem("canon-option", name, f"is {value:g}", f"it lies between {low:g} and {high:g}"))
    if wrong:
        raise GroundswellError(wrong)


def side_by_side(replicates: int, one: Callable[[int], T], jobs: int | None = None) -> list[T]:
    """`one(replicate)` for each replicate, in order, on `jobs` threads (None: one a processor)."""
    if not 1 <= replicates <= MOST:
        refuse("replicates", f"is {replicates}", f"it lies between 1 and {MOST}")
    if jobs is not None and jobs < 1:
        refuse("jobs", f"is {jobs}", "it is at least 1")
    first = one(0)  # compiles, once
    with ThreadPoolExecutor(min(jobs or os.cpu_count() or 1, replicates)) as pool:
        return [first, *pool.map(one, range(1, replicates))]


def finished(name: str, seed: int, rules: Any, arrays: dict[str, tuple[tuple[str, ...], NDArray[Any], str]],
             coordinates: dict[str, Sequence[Any] | NDArray[Any]]) -> xr.Dataset:  # fmt: skip
    """The results as a Dataset: `arrays` are (dimensions with `replicate` first, values, meaning).

    Attributes: model, seed, rules (JSON), the version of the package, a hash of its source, and the digest of the
    arrays.
    """
    import xarray as xr

    from groundswell import __version__
    from groundswell.compiled import source_hash

    made = xr.Dataset(
        {key: (dims, values, {"long_name": meaning}) for key, (dims, values, meaning) in arrays.items()},
        coords={"replicate": np.arange(len(next(iter(arrays.values()))[1])), **coordinates},
    )
    digest = digest_of({key: values for key, (_, values, _) in arrays.items()})
    made.attrs = {"model": name, "seed": seed, "rules": json.dumps(asdict(rules)), "version": __version__,
                  "source_hash": source_hash(), "digest": digest}  # fmt: skip
    return made


def digest_of(arrays: dict[str, NDArray[Any]]) -> str:
    """32 hex digits: BLAKE2b of the arrays in the order of names, with name, type and shape (never of files)."""
    hashed = hashlib.blake2b(digest_size=16)
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        hashed.update(f"{name} {values.dtype.str} {values.shape}\n".encode() + values.tobytes())
    return hashed.hexdigest()


def plain(value: Any) -> Any:
    """For JSON: numpy numbers as Python's, and None for what is not a number or not finite."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def rows_of(table: Any) -> Iterator[dict[str, Any]]:
    """The rows of a pandas table as plain dictionaries."""
    for row in table.to_dict("records"):
        yield plain(row)
