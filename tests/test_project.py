"""What holds for the project as a whole: sizes, words that must not appear, pinned versions, contracts, changelog."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import groundswell

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "groundswell"
LONGEST = 400
BUILT = {".git", ".venv", "out", "dist", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
BINARY = {".png", ".parquet", ".pyc", ".gz", ".zip"}


def tracked() -> list[Path]:
    """Files that git keeps or would keep; without git, all but what the targets of the Makefile write."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=False,
        )  # fmt: skip
        if listed.returncode == 0:
            names = [name for name in listed.stdout.decode().split("\0") if name]
            return sorted(path for name in names if (path := ROOT / name).is_file())
    return sorted(p for p in ROOT.rglob("*") if p.is_file() and not BUILT.intersection(p.relative_to(ROOT).parts))


def lines_with(pattern: str) -> list[str]:
    """`file:line: text` of each match of the pattern in a tracked text file."""
    wanted = re.compile(pattern)
    found = []
    for path in tracked():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if wanted.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return found


def test_no_source_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert lengths
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST} == {}


def test_every_python_file_of_the_package_starts_with_its_idea() -> None:
    bare = [
        str(p.relative_to(ROOT)) for p in PACKAGE.rglob("*.py") if not p.read_text(encoding="utf-8").startswith('"""')
    ]
    assert bare == []


def test_no_package_registry_is_named() -> None:
    hosts = [
        "py" + r"pi\.org",
        "python" + r"hosted\.org",
        "registry" + r"\.npm",
        "conda" + r"\.anaconda",
        "crates" + r"\.io",
    ]
    assert lines_with("|".join(hosts)) == []


def test_no_path_of_one_machine() -> None:
    folders = ["root", "work", "home", "Users", "opt"]
    assert lines_with(r"(?<![\w.\-*{}])/(" + "|".join(folders) + r")/\w") == []


def test_constraints_are_exact_and_hashed() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert "://" not in text
    assert "#" not in text


def test_every_direct_dependency_is_pinned_and_explained() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [entry for group in project["dependency-groups"].values() for entry in group if isinstance(entry, str)]
    wanted = {
        re.match(r"[A-Za-z0-9._-]+", entry)[0].lower() for entry in (*project["project"]["dependencies"], *groups)
    }  # type: ignore[index]
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M))
    assert wanted - pinned == set()
    page = (ROOT / "docs" / "concepts" / "dependencies.md").read_text(encoding="utf-8").lower()
    assert {name for name in wanted if f"**{name}**" not in page} == set()


def test_import_contracts_hold() -> None:
    command = "from importlinter.cli import lint_imports_command as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_versions_agree() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    assert version is not None and cited is not None
    assert version[1] == cited[1] == groundswell.__version__


SECTIONS = ("Added", "Changed", "Fixed", "Results change")


def test_changelog_has_its_form() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Changelog"
    versions = [line for line in lines if line.startswith("## ")]
    assert versions and all(
        re.fullmatch(r"## (Unreleased|\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2})", line) for line in versions
    )
    assert [line[4:] for line in lines if line.startswith("### ") and line[4:] not in SECTIONS] == []
    section = ""
    ids: list[str] = []
    for line in lines:
        if line.startswith("#"):
            section = line.lstrip("# ")
        elif line.startswith("- ") and section == "Results change":
            entry = re.match(r"- \*\*(R\d+)\*\*: ", line)
            assert entry, f"an entry of Results change starts with '- **R<number>**: ', found {line!r}"
            ids.append(entry[1])
    assert len(ids) == len(set(ids)), "an id of Results change is used twice"


@pytest.mark.parametrize(
    "folder", sorted(p.name for p in (PACKAGE / "cases").iterdir() if (p / "scenario.toml").is_file())
)
def test_every_case_with_data_has_its_licences(folder: str) -> None:
    case = PACKAGE / "cases" / folder
    assert (case / "README.md").is_file()
    if "counts.csv" in {p.name for p in case.iterdir()}:
        assert (case / "DATA_LICENCES.md").is_file()
        assert f"cases/{folder}/DATA_LICENCES.md" in (ROOT / "DATA_LICENCES.md").read_text(encoding="utf-8")


def test_pages_that_the_code_points_to_exist() -> None:
    named = {
        page
        for path in PACKAGE.rglob("*.py")
        for page in re.findall(r"docs/[\w/]+\.md", path.read_text(encoding="utf-8"))
    }
    assert {page for page in named if not (ROOT / page).is_file()} == set()
