"""Communities and persons of a scenario file: shares, columns by group, and how traits differ."""

from __future__ import annotations

from functools import partial
from typing import Any

from groundswell.errors import Problem, nearest
from groundswell.scenario import tables
from groundswell.scenario.locate import Path as Key
from groundswell.scenario.reader import Reader, shown
from groundswell.scenario.schema import ByDistribution, ByGroup, Community, Distribution, Quantity


class Groups(Reader):
    """Reads `[community]` and `[person]`."""

    def community(self) -> Community | None:
        """`[community]`, or None where there is none."""
        if "community" not in self.data:
            return None
        base = ("community",)
        data = self.table(self.data["community"], base)
        self.unknown(data, ("identity_share", "class_share", "columns"), base)
        for key in ("identity_share", "class_share"):
            if key not in data:
                self.refuse((*base, key), Problem("key-missing", "", "is missing", f"write [community.{key}]"))
        shares = data.get("identity_share", {})
        by_place = (
            self._share_file(shares)
            if isinstance(shares, str)
            else {
                place: self.numbers(group, (*base, "identity_share", place))
                for place, group in self.table(shares, (*base, "identity_share")).items()
                if self.named(place, (*base, "identity_share", place))
            }
        )
        columns: dict[str, Quantity | ByGroup] = {}
        for column, cell in self.table(data.get("columns", {}), (*base, "columns")).items():
            path = (*base, "columns", column)
            made = self._by_group(cell, path) if isinstance(cell, dict) and "by" in cell else self.quantity(cell, path)
            if made is not None and self.named(column, path):
                columns[column] = made
        classes = self.numbers(data.get("class_share", {}), (*base, "class_share"))
        return Community(identity_share=by_place, class_share=classes, columns=columns)

    def numbers(self, data: Any, path: Key) -> dict[str, Quantity]:
        """A table of numbers by name."""
        found = {}
        for name, share in self.table(data, path).items():
            number = self.quantity(share, (*path, name))
            if number is not None and self.named(name, (*path, name)):
                found[name] = number
        return found

    def _share_file(self, file: str) -> dict[str, dict[str, Quantity]]:
        found: dict[str, dict[str, Quantity]] = {}
        base = ("community", "identity_share")
        sheet = self.sheet(file, base, ("place", "identity", "share"))
        if sheet is None:
            return found
        self.columns(sheet, ("place", "identity", "share", "low", "high", "log", "source"))
        for line in sheet.lines:
            cells = line.cells
            place, identity = cells.get("place", ""), cells.get("identity", "")
            path = (*base, place, identity)
            where = (sheet.file, line.number)
            if identity in found.get(place, {}):
                self.problems.append(
                    Problem(
                        "row-twice",
                        tables.place_of(*where),
                        f"'{identity}' of '{place}' is in the table twice",
                        "leave one out",
                    )
                )
                continue
            self.origins.cells.setdefault((*base, place), (*where, "place"))
            self.origins.cells[path] = (*where, "share")
            value, problems = tables.quantity(cells, "share", partial(tables.place_of, *where), prefix="")
            self.problems += problems
            if problems:
                self.broken.add(path)
            elif self.named(place, (*base, place)) and self.named(identity, path):
                number = self.quantity(value, path)
                if number is not None:
                    found.setdefault(place, {})[identity] = number
        return found

    def _by(self, data: dict[str, Any], path: Key, kinds: tuple[str, ...]) -> bool:
        if data["by"] in kinds:
            return True
        cure = nearest(str(data["by"]), kinds)
        self.refuse((*path, "by"), Problem("value", "", f"is {shown(data['by'])}, not one of {', '.join(kinds)}", cure))
        return False

    def _by_group(self, data: dict[str, Any], path: Key) -> ByGroup | None:
        if not self._by(data, path, ("identity", "class", "place")):
            return None
        groups = self.numbers({key: value for key, value in data.items() if key != "by"}, path)
        return ByGroup(by=data["by"], groups=groups)

    def persons(self) -> dict[str, Distribution | ByDistribution]:
        """`[person]`: how each trait differs between people."""
        found: dict[str, Distribution | ByDistribution] = {}
        for trait, spec in self.table(self.data.get("person", {}), ("person",)).items():
            path = ("person", trait)
            spec = self.table(spec, path)
            if not spec or not self.named(trait, path):
                self.broken.add(path)
                continue
            if "by" not in spec:
                made = self._distribution(spec, path)
                found |= {trait: made} if made is not None else {}
            elif self._by(spec, path, ("identity", "class")):
                groups = {
                    name: self._distribution(self.table(group, (*path, name)), (*path, name))
                    for name, group in spec.items()
                    if name != "by" and self.named(name, (*path, name))
                }
                whole = {name: group for name, group in groups.items() if group is not None}
                found[trait] = ByDistribution(by=spec["by"], groups=whole)
        return found

    def _distribution(self, data: dict[str, Any], path: Key) -> Distribution | None:
        known = ("mean", "concentration", "uniform", "beta", "source")
        self.unknown(data, known, path)
        kept = {key: value for key, value in data.items() if key in known}
        for key in ("mean", "concentration"):
            if key in kept:
                kept[key] = self.quantity(kept[key], (*path, key))
                if kept[key] is None:
                    return None
        return self.part(Distribution, kept, path)
