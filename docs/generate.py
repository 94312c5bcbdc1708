"""Write docs/mechanisms/ from the code, one page a mechanism and an index: python docs/generate.py"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any

from groundswell.compiled import Kernel
from groundswell.mechanisms.base import PHASES, Mechanism, parameters, registry
from groundswell.world.fields import FIELDS

FOLDER = Path(__file__).parent / "mechanisms"
PHASE_NOTES = {
    "perceive": "what people see and expect",
    "decide": "who turns out",
    "act": "the crowd, the forces and the harm of the day",
    "settle": "what the day leaves behind",
}


def own() -> dict[str, type[Mechanism]]:
    """The package's mechanisms by name; those of users and entry points are left out."""
    known = registry()
    return {name: known[name] for name in sorted(known) if known[name].__module__.startswith("groundswell.mechanisms.")}


def pages() -> dict[str, str]:
    """File name to text of every generated page."""
    found = {f"{name}.md": page(cls) for name, cls in own().items()}
    return {"index.md": index(), **found}


def index() -> str:
    """The list of mechanisms by phase, which is also the table of contents of the folder."""
    opening = "After this page you can find the rule you look for, and the phase of the day it acts in."
    lines = ["# Mechanisms", "", opening, "", _WRITTEN]
    for phase in PHASES:
        lines += ["", f"## {phase}: {PHASE_NOTES[phase]}", ""]
        lines += [f"- [{name}]({name}.md): {_prose(_first(cls))}" for name, cls in own().items() if cls.phase == phase]
    lines += ["", "```{toctree}", ":hidden:", ":maxdepth: 1", "", *own(), "```"]
    return "\n".join(lines) + "\n"


def page(cls: type[Mechanism]) -> str:
    """One mechanism: what it does, what it touches, its parameters, its kernels."""
    opening = f"After this page you can say what `{cls.name}` computes, from which columns and numbers."
    head = [f"# {cls.name}", "", opening, "", _WRITTEN, ""]
    text = inspect.cleandoc(cls.__doc__ or "").split("\n\n")
    lines = head + [line for part in text for line in (_prose(" ".join(part.split())), "")]
    facts = [f"Phase: {cls.phase}."]
    if cls.after:
        facts.append(f"It goes after {', '.join(cls.after)}.")
    if cls.daily:
        facts.append("It needs steps of a day.")
    return "\n".join([*lines, " ".join(facts), *_access(cls), *_parameters(cls), *_kernels(cls)]) + "\n"


_WRITTEN = "This page is written by `docs/generate.py` from the code; change the code, not the page."


def _access(cls: type[Mechanism]) -> list[str]:
    lines = ["", "## What it touches", "", "| column | use | unit | meaning |", "|---|---|---|---|"]
    optional = {name: "reads, 0 if nothing feeds it" for name in cls.optional}
    for use, names in (("reads", cls.reads), ("writes", cls.writes), ("adds", cls.adds)):
        for name in names:
            field = FIELDS[name]
            how = optional.get(name, use) if use == "reads" else use
            lines.append(f"| `{name}` | {how} | {_cell(field.unit)} | {_cell(field.doc)} |")
    return lines


def _parameters(cls: type[Mechanism]) -> list[str]:
    found = parameters(cls)
    if not found:
        return ["", "## Parameters", "", "None."]
    lines = ["", "## Parameters", "", "| path | default | drawn from | unit | limits | meaning | source |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, info in found.items():
        lines.append(f"| `{cls.name}.{name}` | {info['default']:g} | {_range(info)} | {_cell(info['unit'])} | "
                     f"{_limits(info)} | {_cell(info['doc'])} | {_cell(info['source'])} |")  # fmt: skip
    return lines


def _kernels(cls: type[Mechanism]) -> list[str]:
    module = sys.modules[cls.__module__]
    mine = [k for k in vars(module).values() if isinstance(k, Kernel) and k.function.__module__ == module.__name__]
    lines = ["", "## Kernels", "", "What the compiled loops compute, in their own words. `r` is the replicate."]
    for k in sorted(mine, key=lambda k: k.function.__code__.co_firstlineno):
        lines += ["", f"`{k.function.__name__}`", "", "```text", inspect.cleandoc(k.function.__doc__ or ""), "```"]
    return lines


def _first(cls: type[Mechanism]) -> str:
    return " ".join(inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0].split())


def _range(info: dict[str, Any]) -> str:
    if info["range"] is None:
        return "fixed"
    low, high = info["range"]
    return f"{low:g} to {high:g}" + (", even in the logarithm" if info["log"] else "")


def _limits(info: dict[str, Any]) -> str:
    low, high = ("" if info[end] is None else f"{info[end]:g}" for end in ("low", "high"))
    return f"{low} to {high}" if low and high else f"{low} or more" if low else f"{high} or less" if high else ""


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


def _prose(text: str) -> str:
    """Plain text as Markdown: signs that would be markup are escaped, named pages become links."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*_\[\]<])", r"\\\1", part) for part in parts[::2]]
    linked = "`".join(parts)
    return re.sub(r"docs/concepts/(\w+)\.md", r"[\1](../concepts/\1.md)", linked)


def main() -> None:
    """Write the pages, and remove those of mechanisms that are gone."""
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()


if __name__ == "__main__":
    main()
