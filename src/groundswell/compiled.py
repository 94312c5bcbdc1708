"""Numeric functions compiled on first call, so that importing the package never imports numba."""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_lock = threading.RLock()


class Kernel(Generic[P, R]):
    """A numeric function that numba compiles when it is first called.

    Other kernels it names are compiled into it. The compiled code releases the GIL, runs serially, keeps the
    order of floating-point operations, and is cached on disk under a hash of all kernel sources.
    `kernel.function` is the plain Python function.
    """

    def __init__(self, function: Callable[P, R], inline: bool = False) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.inline = inline
        self._compiled: Callable[P, R] | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the compiled function, compiling it first if need be."""
        return (self._compiled or self.compiled)(*args, **kwargs)

    @property
    def compiled(self) -> Callable[P, R]:
        """The numba dispatcher (the plain function where NUMBA_DISABLE_JIT is set)."""
        with _lock:
            if self._compiled is None:
                self._compiled = _compile(self.function, self.inline)
            return self._compiled


def kernel(function: Callable[P, R]) -> Kernel[P, R]:
    """Mark a numeric function for compilation. It may call other kernels of its module's namespace."""
    return Kernel(function)


def inlined(function: Callable[P, R]) -> Kernel[P, R]:
    """Mark a small kernel that is copied into its callers before they are optimised, so that their loops vectorise."""
    return Kernel(function, inline=True)


def _compile(function: Callable[P, R], inline: bool) -> Callable[P, R]:
    import numba
    from numba.core import config

    assert isinstance(function, FunctionType)
    names = {**function.__globals__}
    for name in function.__code__.co_names:
        if isinstance(names.get(name), Kernel):
            names[name] = names[name].compiled
    plain = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    plain.__module__, plain.__qualname__ = function.__module__, function.__qualname__
    before = config.CACHE_DIR
    config.CACHE_DIR = before or str(cache_folder())  # numba reads it while it decorates
    keep = _writable(Path(config.CACHE_DIR)) and _alone(function)
    try:
        compiled: Any = numba.njit(
            plain, cache=keep, nogil=True, error_model="numpy", inline="always" if inline else "never"
        )
    finally:
        config.CACHE_DIR = before
    return compiled  # type: ignore[no-any-return]


def _alone(function: FunctionType) -> bool:
    """Whether the cache can tell when the code has changed: it looks at the function's own file and at this package.

    Not so where it calls a kernel of another user's file, and where it stands in no file at all.
    """
    own, package = function.__code__.co_filename, str(Path(__file__).parent)
    if not os.path.isfile(own):
        return False
    called = [function.__globals__.get(name) for name in function.__code__.co_names]
    return all(
        part.function.__code__.co_filename == own and _alone(part.function)
        for part in called
        if isinstance(part, Kernel)
        and part.function is not function
        and isinstance(part.function, FunctionType)
        and not part.function.__code__.co_filename.startswith(package)
    )


def _writable(folder: Path) -> bool:
    """Whether compiled kernels can be kept there; where not, each process compiles its own."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


KERNEL_SOURCES = (
    "chance.py",
    "compiled.py",
    "quantiles.py",
    "world",
    "mechanisms",
    "canon",
    "evidence",
    "inference/forecasters.py",
    "inference/panel_draws.py",
    "inference/space.py",
)  # files and folders with kernels


@functools.cache
def source_hash(parts: tuple[str, ...] = ("",)) -> str:
    """Sixteen hex digits of BLAKE2b over the package's Python files below these parts; all of them by default."""
    digest = hashlib.blake2b(digest_size=8)
    root = Path(__file__).parent
    for part in parts:
        for path in sorted((root / part).rglob("*.py")) if (root / part).is_dir() else [root / part]:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def cache_folder() -> Path:
    """Where compiled kernels are kept: numba's own does not notice an edit in an imported file, this name does."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "groundswell" / f"kernels-{source_hash(KERNEL_SOURCES)}"
