"""The order of a step: four phases, declared precedence, and every conflict refused at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from groundswell.errors import MechanismError, Problem, nearest
from groundswell.mechanisms.base import PHASES, Mechanism, registry


def schedule(
    mechanisms: Iterable[Mechanism],
    given: Collection[str],
    recorded: Iterable[str] = (),
    ties: Collection[str] = (),
) -> list[Mechanism]:
    """Mechanisms in the order they run, whatever the order they came in.

    `given` are the columns that the case sets, `recorded` those it wants kept, `ties` its kinds of tie. An `after`
    that names a mechanism also speaks of its twin. Raises MechanismError with all problems: two writers, or a writer
    and a reader or adder, of one column in one phase without `after`; a cycle of `after`; a column that is read or
    recorded, or a kind of tie, that nobody gives.
    """
    present = sorted(mechanisms, key=lambda m: m.name)
    problems = list(_bad_after(present))
    order: list[Mechanism] = []
    for phase in PHASES:
        mine = {m.name: m for m in present if m.phase == phase}
        known = {m.twin_of or name: name for name, m in mine.items()} | {name: name for name in mine}
        before = {name: {known[a] for a in m.after if a in known} for name, m in mine.items()}
        try:
            order += [mine[name] for name in _ordered(before)]
        except CycleError as error:
            loop = " after ".join(reversed(error.args[1]))
            problems.append(Problem("after-cycle", f"phase {phase}", f"goes in a circle: {loop}", "drop one `after`"))
            continue
        problems += _conflicts(phase, mine, before)
    problems += _unfed(present, given, recorded)
    problems += [
        Problem(
            "tie-missing",
            f"mechanism '{m.name}'",
            f"sees ties of kind '{kind}', which the case lacks",
            f"{nearest(kind, ties)}; or add [tie.{kind}]",
        )
        for m in present
        for kind in m.ties
        if kind not in ties
    ]
    if problems:
        raise MechanismError(problems)
    return order


def _ordered(before: dict[str, set[str]]) -> Iterator[str]:
    sorter = TopologicalSorter(before)
    sorter.prepare()
    while sorter.is_active():
        for name in sorted(sorter.get_ready()):  # by name: the order of lines in a file means nothing
            yield name
            sorter.done(name)


def _bad_after(present: list[Mechanism]) -> Iterator[Problem]:
    known = registry()
    for m in present:
        for name in m.after:
            if name not in known:
                yield Problem(
                    "after-unknown",
                    f"mechanism '{m.name}'",
                    f"goes after '{name}', which is not a mechanism",
                    nearest(name, known),
                )
            elif known[name].phase != m.phase:
                yield Problem("after-phase", f"mechanism '{m.name}'", f"goes after '{name}', which is in another phase",
                              f"phases run in the order {', '.join(PHASES)}; `after` orders one phase")  # fmt: skip


def _conflicts(phase: str, mine: dict[str, Mechanism], before: dict[str, set[str]]) -> Iterator[Problem]:
    def precedes(first: str, second: str) -> bool:
        return any(name == first or precedes(first, name) for name in before[second])

    for one in mine.values():
        for two in mine.values():
            if one is two or precedes(one.name, two.name) or precedes(two.name, one.name):
                continue
            for column in one.writes:
                if column in two.writes and one.name < two.name:
                    yield Problem("two-writers", f"phase {phase}", f"'{one.name}' and '{two.name}' both write {column}",
                                  "leave one out, or order them with `after`")  # fmt: skip
                elif column not in two.writes and column in (*two.reads, *two.adds):
                    verb = "reads" if column in two.reads else "adds"
                    yield Problem(
                        "write-and-read",
                        f"phase {phase}",
                        f"'{one.name}' writes {column} while '{two.name}' {verb} it",
                        f"say which goes first: after=\"{one.name}\" on '{two.name}', or the reverse",
                    )


def _unfed(present: list[Mechanism], given: Collection[str], recorded: Iterable[str]) -> Iterator[Problem]:
    fed = set(given).union(*(m.writes for m in present), *(m.adds for m in present))
    known = registry()
    for m in present:
        for column in m.reads:
            if column not in fed and column not in m.optional:
                who = [name for name, c in sorted(known.items()) if column in (*c.writes, *c.adds) and not c.twin_of]
                cure = (
                    f"add the mechanism {' or '.join(who)}, or give the column"
                    if who
                    else "give the column in the case"
                )
                yield Problem(
                    "unfed", f"mechanism '{m.name}'", f"reads {column}, which nobody writes and nobody gave", cure
                )
    for column in recorded:
        if column not in fed:
            yield Problem("record-unfed", f"record '{column}'", "is a column that nobody writes and nobody gave",
                          nearest(column, fed))  # fmt: skip
