"""A mechanism: typed parameters, declared access, one step. The registry finds it by name."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from groundswell.chance import Chance
from groundswell.errors import MechanismError, Problem, nearest
from groundswell.world.fields import lookup

Phase = Literal["perceive", "decide", "act", "settle"]
PHASES: tuple[Phase, ...] = ("perceive", "decide", "act", "settle")
REGISTRY: dict[str, type[Mechanism]] = {}
_loaded: dict[Path, tuple[bytes, list[str]]] = {}  # user files: their text, and the mechanisms they define
_lock = threading.RLock()


class Mechanism(BaseModel):
    """A recurring cause of change. Subclass it, declare on the class line, and write `step`.

    Class keywords: `phase` (perceive, decide, act or settle); `reads`, `writes`, `adds` (columns, parted by blanks;
    a read that ends in `?` stands at 0 where nothing feeds it); `after` (mechanisms of the same phase that go first);
    `ties` (kinds of tie it sees under `world.tie`); `daily=True` where only steps of a day make sense;
    `stacked=True` where `step` handles a whole stack of replicates: columns then have shape (replicates, rows) and
    every parameter is an array of shape (replicates,). Otherwise `step` is called once a replicate, with columns of
    shape (rows,) and plain numbers. Raises MechanismError where a declaration names something unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    name: ClassVar[str] = ""
    twin_of: ClassVar[str] = ""  # a mechanism whose parameters of the same names are drawn alike
    phase: ClassVar[Phase] = "perceive"
    reads: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[frozenset[str]] = frozenset()
    writes: ClassVar[tuple[str, ...]] = ()
    adds: ClassVar[tuple[str, ...]] = ()
    after: ClassVar[tuple[str, ...]] = ()
    ties: ClassVar[tuple[str, ...]] = ()
    daily: ClassVar[bool] = False
    stacked: ClassVar[bool] = False

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__()  # pydantic hands the keywords on below, once the parameters are known

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        phase: str = "",
        reads: str = "",
        writes: str = "",
        adds: str = "",
        after: str = "",
        ties: str = "",
        daily: bool = False,
        stacked: bool = False,
        **extra: Any,
    ) -> None:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        where = f"mechanism '{name}'"
        if extra:
            raise MechanismError(
                Problem(
                    "class-keyword",
                    where,
                    f"has no class keyword '{next(iter(extra))}'",
                    nearest(
                        next(iter(extra)), ("phase", "reads", "writes", "adds", "after", "ties", "daily", "stacked")
                    ),
                )
            )
        if phase not in PHASES:
            raise MechanismError(Problem("phase", where, f"has phase '{phase}'", f"phases are {', '.join(PHASES)}"))
        wanted = reads.split()
        cls.name, cls.phase, cls.daily, cls.stacked = name, phase, daily, stacked
        cls.reads = tuple(column.rstrip("?") for column in wanted)
        cls.optional = frozenset(column.rstrip("?") for column in wanted if column.endswith("?"))
        cls.writes, cls.adds = tuple(writes.split()), tuple(adds.split())
        cls.after, cls.ties = tuple(after.split()), tuple(ties.split())
        for column in (*cls.reads, *cls.writes, *cls.adds):
            lookup(column, where)
        for column in (*cls.writes, *cls.adds):
            if lookup(column, where).link:
                raise MechanismError(Problem("write-link", where, f"writes {column}, which links rows of two tables",
                                             "links are set when the world is built"))  # fmt: skip
        both = set(cls.writes) & set(cls.adds)
        if both:
            raise MechanismError(Problem("write-and-add", where, f"both writes and adds {min(both)}", "choose one"))
        before = REGISTRY.get(name)
        if before is not None and (before.__module__, before.__qualname__) != (cls.__module__, cls.__qualname__):
            raise MechanismError(Problem("mechanism-twice", where, f"is defined already, in {before.__module__}",
                                         "give yours another class name"))  # fmt: skip
        REGISTRY[name] = cls

    def step(self, world: Any, chance: Chance) -> None:
        """Read, write and add the declared columns of `world` (a View) for one step."""
        raise NotImplementedError(f"mechanism '{self.name}' has no step")

    def stack(self, **arrays: Any) -> Any:
        """The same mechanism with parameters as arrays of shape (replicates,)."""
        return type(self).model_construct(**{**dict(self), **arrays})


def param(
    default: float,
    *,
    source: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    range: tuple[float, float] | None = None,
    log: bool = False,
    doc: str = "",
) -> Any:
    """A parameter: default, inclusive limits, unit and source.

    A source that starts with "guess" needs `range`, from which the default run draws it, once a replicate: evenly,
    or evenly in its logarithm where `log` is set. Raises MechanismError where the range is missing or off the limits.
    """
    if not (low is None or default >= low) or not (high is None or default <= high):
        fault = f"lies outside its own limits {low}..{high}"
        raise MechanismError(Problem("param-default", f"a parameter with default {default}", fault, "mend one of them"))
    guess = source.startswith("guess")
    if guess != (range is not None):
        raise MechanismError(
            Problem(
                "guess-range",
                f"a parameter with source '{source}'",
                "is a guess without a range" if guess else "has a range but is not a guess",
                "give both `source='guess; ...'` and `range=(low, high)`, or neither",
            )
        )
    if range is not None:
        bottom, top = range
        bad = not bottom <= default <= top or (log and bottom <= 0)
        if bad or (low is not None and bottom < low) or (high is not None and top > high):
            raise MechanismError(
                Problem(
                    "guess-range",
                    f"a parameter with default {default}",
                    f"has the range {range}, which does not fit its default, limits or scale",
                    "the range lies within low and high, and the default within the range",
                )
            )
    extra: dict[str, Any] = {"unit": unit, "source": source, "range": range, "log": log, "low": low, "high": high}
    return Field(default, ge=low, le=high, description=doc, json_schema_extra=extra)


def parameters(mechanism: type[Mechanism]) -> dict[str, dict[str, Any]]:
    """Name to {default, unit, source, range, log, low, high, doc} of each parameter of a mechanism."""
    found: dict[str, dict[str, Any]] = {}
    for name, info in mechanism.model_fields.items():
        extra = info.json_schema_extra
        if not isinstance(extra, dict):
            raise MechanismError(Problem("plain-parameter", f"mechanism '{mechanism.name}'",
                                         f"has the parameter '{name}' without unit and source",
                                         f"write {name}: float = param(..., source=...)"))  # fmt: skip
        found[name] = {"default": info.default, "doc": info.description or "", **extra}
    return found


@cache
def registry() -> dict[str, type[Mechanism]]:
    """All mechanisms by name: the package's, those of installed entry points, and those loaded with `load_file`."""
    import groundswell.mechanisms as package

    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    from importlib.metadata import entry_points

    for point in entry_points(group="groundswell.mechanisms"):
        try:
            point.load()
        except MechanismError:
            raise
        except Exception as error:
            raise MechanismError(Problem("entry-point", f"the entry point '{point.name}' ({point.value})",
                                         f"failed: {type(error).__name__}: {error}",
                                         "uninstall or mend the package that offers it")) from error  # fmt: skip
    return REGISTRY


def load_file(path: str | Path) -> list[str]:
    """Run a user's Python file and return the names of the mechanisms it defines.

    This executes code: the command line says so. A file whose text was loaded already is not run again. Raises
    MechanismError where the file is missing or defines none.
    """
    path = Path(path).resolve()
    try:
        text = path.read_bytes()
    except OSError:
        text = b""
    with _lock:  # worker threads ask for the same file at once
        if _loaded.get(path, (None, []))[0] != text:
            _loaded[path] = (text, _run_file(path))
        return list(_loaded[path][1])


def loaded_hash(path: str | Path) -> str:
    """Sixteen hex digits of BLAKE2b over the text of a user's file as it was loaded; empty where it was not."""
    text, _ = _loaded.get(Path(path).resolve(), (None, []))
    return hashlib.blake2b(text, digest_size=8).hexdigest() if text is not None else ""


def _run_file(path: Path) -> list[str]:
    registry()
    module_name = f"groundswell_user_{path.stem}_{hashlib.blake2b(str(path).encode(), digest_size=4).hexdigest()}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise MechanismError(Problem("with-file", str(path), "is not a Python file", "pass --with path/to/file.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except MechanismError:
        raise
    except (Exception, SystemExit) as error:
        raise MechanismError(Problem("with-file", str(path), f"failed: {type(error).__name__}: {error}",
                                     "run it with python to see where")) from error  # fmt: skip
    mine = [c.name for _, c in inspect.getmembers(module, inspect.isclass)
            if issubclass(c, Mechanism) and c.__module__ == module_name]  # fmt: skip
    if not mine:
        raise MechanismError(Problem("with-file", str(path), "defines no mechanism", "subclass groundswell.Mechanism"))
    return sorted(mine)


def find(names: Iterable[str], where: str = "mechanism") -> dict[str, type[Mechanism]]:
    """The mechanisms of these names; raises MechanismError naming all that are unknown."""
    known = registry()
    wrong = [Problem("mechanism-unknown", f"{where}.{name}", "is not a mechanism", nearest(name, known))
             for name in names if name not in known]  # fmt: skip
    if wrong:
        raise MechanismError(wrong)
    return {name: known[name] for name in names}
