"""Kernels: compiled when first called, the same numbers as the plain function, a cache named by the sources."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from groundswell import compiled
from groundswell.compiled import KERNEL_SOURCES, Kernel, cache_folder, inlined, kernel, source_hash

PLAIN = bool(os.environ.get("NUMBA_DISABLE_JIT"))


@kernel
def half(x):
    """x / 2."""
    return 0.5 * x


@inlined
def third(x):
    return x / 3.0


@kernel
def both(values, out):
    for i in range(values.size):
        out[i] = half(values[i]) + third(values[i])


@kernel
def never_called(x):
    return x


def test_a_kernel_calls_other_kernels() -> None:
    values, out = np.arange(5.0), np.zeros(5)
    both(values, out)
    np.testing.assert_array_equal(out, 0.5 * values + values / 3.0)


def test_plain_function_is_kept_and_described() -> None:
    assert half.function(3.0) == half(3.0) == 1.5
    assert half.__name__ == "half" and half.__doc__ == "x / 2."
    assert half.__wrapped__ is half.function


def test_keyword_arguments_reach_the_function() -> None:
    assert half(x=4.0) == 2.0


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python")
def test_nothing_is_compiled_before_the_first_call() -> None:
    assert isinstance(never_called, Kernel)
    assert never_called._compiled is None
    never_called(1)
    assert never_called._compiled is not None
    assert never_called.compiled is never_called.compiled


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python")
def test_compiled_code_is_strict_about_floating_point() -> None:
    options = both.compiled.targetoptions  # type: ignore[attr-defined]
    assert options["nogil"] and options["error_model"] == "numpy"
    assert not options.get("fastmath") and not options.get("parallel")


@pytest.mark.skipif(PLAIN, reason="kernels run as plain Python")
def test_a_read_only_array_cannot_be_written() -> None:
    from numba.core.errors import NumbaError

    out = np.zeros(3)
    out.flags.writeable = False
    with pytest.raises(NumbaError, match="readonly"):
        both(np.zeros(3), out)


def test_first_calls_from_many_threads_agree() -> None:
    @kernel
    def square(x):
        return x * x

    found: list[float] = []
    threads = [threading.Thread(target=lambda: found.append(square(3.0))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [9.0] * 8


def test_importing_the_package_and_defining_a_kernel_does_not_import_numba() -> None:
    code = (
        "import sys, groundswell.chance, groundswell.mechanisms.anger\n"
        "from groundswell import kernel\n"
        "kernel(lambda x: x)\n"
        "assert 'numba' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_source_hash_names_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert len(source_hash()) == 16 and int(source_hash(), 16) >= 0
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache_folder.cache_clear()
    try:
        assert cache_folder() == tmp_path / "groundswell" / f"kernels-{source_hash(KERNEL_SOURCES)}"
    finally:
        cache_folder.cache_clear()


def test_source_hash_follows_every_python_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "compiled.py").write_text("a = 1\n")
    (tmp_path / "part" / "more.py").write_text("b = 1\n")
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "compiled.py"))
    plain = source_hash.__wrapped__
    before = plain()
    assert plain() == before
    (tmp_path / "part" / "more.py").write_text("b = 2\n")
    after = plain()
    assert after != before
    (tmp_path / "part" / "more.py").rename(tmp_path / "part" / "moved.py")
    assert plain() not in (before, after)
    (tmp_path / "note.txt").write_text("not code")
    assert plain() == plain()


def test_where_the_cache_cannot_be_written_kernels_still_compile(tmp_path: Path) -> None:
    """A cache folder that is a file: each process compiles its own."""
    (tmp_path / "cache").write_text("")
    code = "from groundswell.chance import chance_for, uniform; print(float(uniform(chance_for(1, 'x'), 0, 0)))"
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert 0 < float(ran.stdout) < 1


def test_the_cache_is_named_after_every_file_with_kernels() -> None:
    root = Path(compiled.__file__).parent
    with_kernels = {path for path in root.rglob("*.py") if re.search(r"^@(kernel|inlined)\b", path.read_text(), re.M)}
    named = [root / part for part in KERNEL_SOURCES]
    assert {path for path in with_kernels if not any(path.is_relative_to(part) for part in named)} == set()
    assert all(part.exists() for part in named)
