"""The command line as a process: what it prints, its exit codes, what it leaves on disk, and how it survives a stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import environment

COMMANDS = ("cases", "check", "explain", "run", "report", "rerun", "new", "warmup")
SMALL = ("--set", "people=300", "--set", "period.end=2015-03-11", "--replicates", "4")
WAITS = Path(__file__).parent / "engine" / "waits.py"


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_help_of_everything(command: Callable[..., Any]) -> None:
    shown = command("--help")
    assert shown.code == 0 and not shown.err
    assert all(name in shown.out for name in COMMANDS)
    assert command().code == 0  # without a command, the help
    assert command("--version").out.strip().count(".") == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command(command: Callable[..., Any], name: str) -> None:
    shown = command(name, "--help")
    assert shown.code == 0 and not shown.err
    assert (
        f"groundswell {name}" in shown.out
        and "--json" in shown.out
        and "For example:" in shown.out
        and f"  groundswell {name}" in shown.out
    )


UNFINISHED, REPORT = "store-unfinished", "report-write"  # ids of refusals
HEAVY = ("numba", "pandas", "xarray", "matplotlib", "scipy", "zarr", "pyarrow", "pydantic", "jinja2", "numpy")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["cases", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        f"sys.argv = ['groundswell', *{arguments!r}]\n"
        "from groundswell.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("HEAVY []"), done.stdout[-300:]


def test_cases(command: Callable[..., Any]) -> None:
    listed = command("cases", "--json").json
    names = [case["name"] for case in listed]
    assert names == sorted(names) and {"two-neighbours", "iraq-2019"} <= set(names)
    assert all(case["title"] for case in listed)
    text = command("cases")
    assert text.code == 0 and all(case["name"] in text.out and case["title"] in text.out for case in listed)


def test_check_and_explain(command: Callable[..., Any]) -> None:
    facts = command("check", "two-neighbours", "--json").json
    assert facts["guesses"] > 10 and facts["numbers"] > facts["guesses"] and "crowd" in facts["mechanisms"]
    text = command("check", "two-neighbours")
    assert text.code == 0 and "no fault found" in text.out and not text.err
    plan = command("explain", "two-neighbours", "--json", "--set", "mobilisation.noise=0.1").json
    assert isinstance(plan, dict)
    shown = command("explain", "two-neighbours").out
    assert "mobilisation" in shown and "perceive" in shown


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run's folder, which no test changes; its own outputs lie beside it."""
    folder = tmp_path_factory.mktemp("finished")
    line = [sys.executable, "-m", "groundswell", "run", "two-neighbours", *SMALL, "--out", "out", "--json"]
    done = subprocess.run(line, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    return folder


def test_run_writes_a_folder_and_one_document(finished: Path) -> None:
    facts = json.loads((finished / "stdout").read_text())
    assert sorted(p.name for p in (finished / "out").iterdir()) == [
        "events.parquet",
        "report",
        "runs.zarr",
        "summary.csv",
    ]
    assert facts["out"] == "out" and (finished / facts["report"]).is_file() and len(facts["digest"]) == 32
    assert facts["replicates"] == 4 and facts["seed"] == 0 and facts["explanation"]
    assert facts["command"].startswith("groundswell run two-neighbours --replicates 4 --seed 0")
    assert "Traceback" not in (finished / "stderr").read_text()


def test_the_recorded_command_gives_the_same_digest(finished: Path, command: Callable[..., Any]) -> None:
    facts = json.loads((finished / "stdout").read_text())
    words = facts["command"].split()[1:]
    again = command(*words, "--out", "again", "--jobs", "1", "--json").json
    assert again["digest"] == facts["digest"]


def test_rerun(finished: Path, command: Callable[..., Any]) -> None:
    facts = json.loads((finished / "stdout").read_text())
    before = left(finished)
    every = command("rerun", finished / "out", "--json")
    assert every.code == 0 and every.json["same"] is True and every.json["digest"] == facts["digest"]
    text = command("rerun", finished / "out", "--replicate", "2")
    assert text.code == 0 and text.out.startswith("same: ")
    one = command("rerun", finished / "out", "--replicate", "2", "--json").json
    assert one["same"] and one["replicate"] == 2 and one["digest"] == one["recorded_digest"] != facts["digest"]
    assert left(finished) == before


def test_report_again(finished: Path, command: Callable[..., Any], tmp_path: Path) -> None:
    import shutil

    shutil.copytree(finished / "out", tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "report")
    facts = command("report", "copy", "--json").json
    assert (tmp_path / facts["report"]).is_file()
    assert left(tmp_path / "copy") == left(finished / "out")


def test_a_different_digest_ends_with_1(finished: Path, command: Callable[..., Any], tmp_path: Path) -> None:
    import shutil

    import zarr

    shutil.copytree(finished / "out", tmp_path / "copy")
    zarr.open_group(tmp_path / "copy" / "runs.zarr", mode="r+")["digest"][3] = 0
    for more in ((), ("--replicate", "3")):
        done = command("rerun", "copy", *more)
        assert done.code == 1 and done.out.startswith("DIFFERENT: ") and "Traceback" not in done.err
    assert command("rerun", "copy", "--replicate", "1").code == 0


def test_rerun_of_an_unfinished_run(finished: Path, command: Callable[..., Any], tmp_path: Path) -> None:
    import shutil

    import zarr

    shutil.copytree(finished / "out", tmp_path / "copy")
    zarr.open_group(tmp_path / "copy" / "runs.zarr", mode="r+")["done"][3] = 0
    for more in ((), ("--replicate", "3")):
        done = command("rerun", "copy", *more)
        assert (
            done.code == 2
            and "holds 3 of 4 replicates" in done.err
            and UNFINISHED in done.err
            and "--resume copy" in done.err
        )
    assert command("rerun", "copy", "--replicate", "0").code == 0


def test_a_report_that_cannot_be_written(finished: Path, command: Callable[..., Any], tmp_path: Path) -> None:
    """A folder stands where a file should."""
    import shutil

    shutil.copytree(finished / "out", tmp_path / "copy")
    (tmp_path / "copy" / "summary.csv").unlink()
    (tmp_path / "copy" / "summary.csv").mkdir()
    done = command("report", "copy")
    assert done.code == 2 and done.err.rstrip().endswith(f"[{REPORT}]") and "Traceback" not in done.err
    assert "groundswell report copy" in done.err


def test_new_then_check(command: Callable[..., Any], tmp_path: Path) -> None:
    made = command("new", "mine", "--json").json
    assert made == {"folder": "mine"} and (tmp_path / "mine" / "scenario.toml").is_file()
    assert command("check", "mine").code == 0
    run = command("run", "mine/scenario.toml", *SMALL, "--json")
    assert run.json["out"] == "out/mine"  # named after the case, not after its file
    before = left(tmp_path)
    again = command("new", "mine", "--template", "iraq-2019")
    assert again.code == 2 and "exists already" in again.err and left(tmp_path) == before


LONG = "a" * 300

WRONG = [
    (["check", "two-neighbors"], "case-unknown"),
    (["run", "nowhere"], "case-unknown"),
    (["run", "nowhere/scenario.toml"], "file-missing"),
    (["explain", "two-neighbours", "--explanation", "deter_onyl"], "explanation-unknown"),
    (["run", "two-neighbours", "--what-if", "open_boarder"], "what-if-unknown"),
    (["run", "two-neighbours", "--set", "mobilisation.noize=0.1"], "did you mean 'mobilisation.noise'?"),
    (["run", "two-neighbours", "--set", "mobilisation.noise=loud"], "change-value"),
    (["run", "two-neighbours", "--set", "mobilisation.noise"], "write path=value"),
    (["run", "two-neighbours", "--set", "mobilisation.noise=-1"], "parameter-range"),
    (["run", "two-neighbours", "--with", "nowhere.py"], "with-file"),
    (["run", "two-neighbours", "--with", "bad.py"], "failed: ZeroDivisionError"),
    (["run", "two-neighbours", "--out", "full"], "folder-exists"),
    (["run", "two-neighbours", "--out", "file/out"], "folder-make"),
    (["run", "two-neighbours", "--out", "/proc/nowhere/out"], "folder-make"),
    (["run", "two-neighbours", "--out", LONG], "folder-make"),
    (["run", "two-neighbours", "--replicates", "0"], "replicates: is 0"),
    (["run", "two-neighbours", "--out", "full", "--force", "--replicates", "0"], "replicates: is 0"),
    (["run", "two-neighbours", "--jobs", "-1"], "jobs: is -1"),
    (["run", "two-neighbours", "--replicates", "many"], "many"),
    (["run", "two-neighbours", "--speed", "9"], "--speed"),
    (["run"], "give a case, or --resume"),
    (["run", "two-neighbours", "--resume", "full"], "give a case, or --resume"),
    (["run", "--resume", "nowhere"], "store-missing"),
    (["run", "--resume", "full"], "store-missing"),
    (["report", "nowhere"], "store-missing"),
    (["report", LONG], "store-missing"),
    (["rerun", "nowhere"], "store-missing"),
    (["rerun", "file"], "store-missing"),
    (["new", "full"], "new-exists"),
    (["new", "file/mine"], "new-write"),
    (["new", LONG], "new-write"),
    (["new", "mine", "--template", "nowhere"], "case-unknown"),
    (["chekc", "two-neighbours"], "chekc"),
]


@pytest.fixture
def traps(tmp_path: Path) -> Path:
    """A folder with what the mistakes run into."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "summary.csv").write_text("earlier\n")
    (tmp_path / "file").write_text("text\n")
    (tmp_path / "bad.py").write_text("1 / 0\n")
    return tmp_path


@pytest.mark.filterwarnings("ignore:Cyclopts application invoked:UserWarning")
@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[" ".join(a)[:60] for a, _ in WRONG])
def test_mistakes_end_with_2_and_leave_nothing(
    traps: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, for speed; whatever is not a SystemExit would have been a traceback."""
    from groundswell.cli import main

    before = left(traps)
    monkeypatch.chdir(traps)
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(sys, "argv", ["groundswell", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    shown = capsys.readouterr()
    assert caught.value.code == 2, shown.err
    assert words in shown.err
    assert "Traceback" not in shown.err and not shown.out
    assert left(traps) == before
    assert (traps / "full" / "summary.csv").read_text() == "earlier\n"


@pytest.mark.parametrize(
    ("arguments", "words"), [WRONG[0], WRONG[4], WRONG[9], WRONG[10]], ids=["case", "path", "file", "folder"]
)
def test_mistakes_in_a_process(command: Callable[..., Any], traps: Path, arguments: list[str], words: str) -> None:
    before = left(traps)
    done = command(*arguments)
    assert done.code == 2 and words in done.err and "Traceback" not in done.err and not done.out
    assert left(traps) == before


def test_force_replaces_results_and_nothing_else(command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.csv").write_text("earlier\n")
    refused = command("run", "two-neighbours", *SMALL, "--out", "out", "--force")
    assert refused.code == 2 and "it was not made by a run [folder-exists]" in refused.err
    assert (tmp_path / "out" / "summary.csv").read_text() == "earlier\n"
    (tmp_path / "out" / "summary.csv").unlink()
    assert command("run", "two-neighbours", *SMALL, "--out", "out", "--json").code == 0
    (tmp_path / "out" / "notes.txt").write_text("mine\n")
    (tmp_path / "out" / "report" / "thesis.txt").write_text("mine too\n")
    (tmp_path / "out" / "summary.csv").write_text("earlier\n")
    assert command("run", "two-neighbours", *SMALL, "--out", "out", "--force", "--json").code == 0
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine\n"
    assert (tmp_path / "out" / "report" / "thesis.txt").read_text() == "mine too\n"
    assert (tmp_path / "out" / "summary.csv").read_text() != "earlier\n"


@pytest.mark.parametrize(
    "more", [("--seed", "9"), ("--replicates", "5"), ("--set", "people=3"), ("--force",), ("--out", "x")]
)
def test_resume_goes_with_nothing_that_changes_the_run(command: Callable[..., Any], more: tuple[str, ...]) -> None:
    done = command("run", "--resume", "out", *more)
    assert done.code == 2 and "--resume finishes the run as it was asked for" in done.err


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small case with a mechanism that waits."""
    import re

    import groundswell.cases

    source = Path(next(iter(groundswell.cases.__path__))) / "two_neighbours"
    folder = tmp_path_factory.mktemp("waiting") / "case"
    folder.mkdir()
    for file in source.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    text = (source / "scenario.toml").read_text()
    text = re.sub(r"^\[mechanism\].*$", "[mechanism]\nwaits = {}", text, flags=re.M)
    text = re.sub(r"^people = \S+", "people = 300", text, flags=re.M)
    (folder / "scenario.toml").write_text(text)
    return folder


def started(case: Path, folder: Path, waits: str) -> subprocess.Popen[str]:
    """`run` of 512 replicates in 8 batches of 64, a sixth of a second or more each."""
    line = [sys.executable, "-m", "groundswell", "run", str(case), "--with", str(WAITS), "--out", "out", "--jobs", "1"]
    line += ["--replicates", "512", "--set", "period.end=2015-03-04"]
    return subprocess.Popen(
        line, cwd=folder, env=environment(GROUNDSWELL_TEST_WAITS=waits), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(case: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the run when nothing stops it."""
    folder = tmp_path_factory.mktemp("whole")
    process = started(case, folder, "0")
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out.partition("digest ")[2].split()[0]


def until_a_batch_is_done(process: subprocess.Popen[str], folder: Path) -> None:
    for _ in range(2400):
        if (folder / "out" / "runs.zarr" / "done" / "c" / "0").exists():
            return
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    raise AssertionError("no batch was finished")


def replicates(folder: Path) -> int:
    from groundswell.engine.store import open_runs

    return int(open_runs(folder / "out").sizes["replicate"])


def resumed(command: Callable[..., Any], tmp_path: Path, whole: str) -> None:
    assert 0 < replicates(tmp_path) < 512
    done = command("run", "--resume", "out", "--json")
    assert done.code == 0, done.err
    assert done.json["digest"] == whole and replicates(tmp_path) == 512
    assert (tmp_path / "out" / "report" / "index.html").is_file()


def test_ctrl_c_then_resume(command: Callable[..., Any], tmp_path: Path, case: Path, whole: str) -> None:
    process = started(case, tmp_path, "0.3")
    until_a_batch_is_done(process, tmp_path)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err and not out
    assert "groundswell run --resume out" in err
    resumed(command, tmp_path, whole)


def test_kill_then_resume(command: Callable[..., Any], tmp_path: Path, case: Path, whole: str) -> None:
    process = started(case, tmp_path, "0.3")
    until_a_batch_is_done(process, tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    resumed(command, tmp_path, whole)


def test_a_killed_run_with_nothing_done(command: Callable[..., Any], tmp_path: Path, case: Path) -> None:
    """The layout is there and no replicate: reporting says so, and says how to go on."""
    process = started(case, tmp_path, "60")
    for _ in range(2400):
        if (tmp_path / "out" / "runs.zarr" / "done").exists():
            break
        time.sleep(0.05)
    time.sleep(0.5)
    process.kill()
    process.communicate(timeout=60)
    assert replicates(tmp_path) == 0
    for arguments in (("report", "out"), ("rerun", "out")):
        done = command(*arguments)
        assert done.code == 2 and "Traceback" not in done.err and "--resume out" in done.err
        assert UNFINISHED in done.err
    assert left(tmp_path / "out") == [name for name in left(tmp_path / "out") if name.startswith("runs.zarr")]
