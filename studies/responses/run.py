"""How states respond to protest: chances for states that the model has not seen. See README.md.

python studies/responses/run.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import arguments, needed, table, told, write

HERE = Path(__file__).parent
RESPONSES = ("accommodation", "arrests", "crowd_dispersal", "beatings", "shootings", "killings")
QUICK = ("crowd_dispersal", "killings")
DEMANDS = (
    "political behavior, process",
    "labor wage dispute",
    "removal of politician",
    "police brutality",
    "price increases, tax policy",
    "land farm issue",
    "social restrictions",
)
DAYS_BEFORE = 30
LEAST = 1e-4  # a chance is kept so far from 0 and 1
BASE = "base rate"


def size_of(told_: str, category: str) -> float:
    """log10 of the number of participants; not a number where neither the number nor the category is given."""
    import numpy as np

    plain = str(told_).replace(",", "").strip()
    if plain.isdigit() and 0 < int(plain) < 10_000_000:
        return float(np.log10(int(plain)))
    low = re.match(r"\D?(\d+)", str(category).replace(",", ""))
    return float(np.log10(int(low[1]))) if low else float("nan")


def traits(rows: Any) -> tuple[Any, tuple[str, ...]]:
    """Traits (protest, trait) and their names; a size that is not known is 0 beside its flag."""
    import numpy as np
    import pandas as pd

    size = np.array([size_of(*pair) for pair in zip(rows.participants, rows.participants_category, strict=True)])
    begin = pd.to_datetime(rows.start_date).to_numpy().astype("datetime64[D]")
    before = np.zeros(len(rows))
    for country in rows.country.unique():
        here = np.flatnonzero((rows.country == country).to_numpy())
        days = np.sort(begin[here])
        before[here] = np.searchsorted(days, begin[here]) - np.searchsorted(days, begin[here] - DAYS_BEFORE)
    demands = [rows.demands.str.split("|", regex=False).map(lambda held, one=one: one in held) for one in DEMANDS]
    columns = {
        **dict(zip(DEMANDS, demands, strict=True)),
        "protester violence": rows.protester_violence,
        "size": np.nan_to_num(size),
        "size not known": np.isnan(size),
        "country-wide": rows.location.str.strip().str.lower() == "national",
        "year": rows.year,
        "protests in the 30 days before": np.log1p(before),
    }
    return np.stack([np.asarray(column, float) for column in columns.values()], 1), tuple(columns)


def models(quick: bool, seed: int) -> dict[str, Callable[[Any, Any, Any], Any]]:
    """By name: from traits and answers to learn from, and traits to judge, to chances."""
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def learnt(make: Callable[[], Any]) -> Callable[[Any, Any, Any], Any]:
        return lambda x, y, new: make().fit(x, y).predict_proba(new)[:, 1]

    return {
        BASE: lambda x, y, new: np.full(len(new), y.mean()),
        "logistic": learnt(lambda: make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))),
        "boosting": learnt(lambda: HistGradientBoostingClassifier(
            max_iter=20 if quick else 200, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=20,
            l2_regularization=1.0, early_stopping=False, random_state=seed)),
    }  # fmt: skip


def crossed(x: Any, y: Any, country: Any, make: Callable[[Any, Any, Any], Any]) -> Any:
    """Chances of each protest, from a model that has seen no protest of its country."""
    import numpy as np

    chances = np.empty(len(y))
    for one in np.unique(country):
        out = country == one
        chances[out] = make(x[~out], y[~out], x[out])
    return chances


def by_country(loss: Any, country: Any) -> Any:
    """Mean loss in each country, countries in the order of their names."""
    import numpy as np

    return np.array([loss[country == one].mean() for one in np.unique(country)])


def spread(values: Any) -> tuple[float, float]:
    """Mean over countries and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)


def verdict(mean: float, error: float) -> str:
    """The rule of README.md."""
    return "beats" if mean < -2 * error else "loses to" if mean > 2 * error else "no difference seen"


def scored(y: Any, country: Any, chances: dict[str, Any]) -> list[dict[str, Any]]:
    """Brier and log score of each model, and its difference from the base rate, over countries."""
    from groundswell.inference.scores import brier, log_score

    made = []
    for name, chance in chances.items():
        one: dict[str, Any] = {"model": name}
        for label, score in (("brier", brier), ("log", partial(log_score, least=LEAST))):
            here, base = (by_country(score(y, p), country) for p in (chance, chances[BASE]))
            one[label], one[f"{label}_error"] = spread(here)
            one[f"{label}_less_base"], one[f"{label}_less_base_error"] = spread(here - base)
            one[f"{label}_says"] = "" if name == BASE else verdict(*spread(here - base))
        made.append(one)
    return made


def held_out(y: Any, country: Any, chances: dict[str, Any]) -> list[dict[str, Any]]:
    """Log and Brier scores by held-out country, less those of the base rate, and whether all countries agree."""
    import numpy as np

    from groundswell.inference.scores import brier, log_score

    made = []
    for name, chance in chances.items():
        gap = by_country(log_score(y, chance, LEAST) - log_score(y, chances[BASE], LEAST), country)
        says = "better" if (gap < 0).all() else "worse" if (gap > 0).all() else "mixed"
        made.append({"model": name, "says": "" if name == BASE else says,
                     "brier": float(by_country(brier(y, chance), country).mean()),
                     "log": float(by_country(log_score(y, chance, LEAST), country).mean()),
                     "log_less_base": dict(zip(np.unique(country).tolist(), gap.tolist(), strict=True)),
                     "chance": float(chance.mean()), "share": float(y.mean())})  # fmt: skip
    return made


def main(words: Sequence[str] | None = None) -> None:
    """Run the study and write its results."""
    asked = arguments(__doc__, HERE, words)
    import pandas as pd

    folder = asked.data / "mass_mobilization"
    near, far = (pd.read_csv(needed(folder / f"mm_{which}_countries.csv"), keep_default_na=False)
                 for which in ("training", "case"))  # fmt: skip
    (x, names), (x_far, _) = traits(near), traits(far)
    country, country_far = near.country.to_numpy(), far.country.to_numpy()
    makes = models(asked.quick, asked.seed)
    results: dict[str, Any] = {"command": "python studies/responses/run.py", "traits": names, "seed": asked.seed,
                               "protests": len(near), "held_out_protests": len(far), "responses": {}}  # fmt: skip
    chosen = QUICK if asked.quick else RESPONSES
    for response in chosen:
        y, y_far = (rows[f"resp_{response}"].to_numpy().astype(int) for rows in (near, far))
        inside = {name: crossed(x, y, country, make) for name, make in makes.items()}
        outside = {name: make(x, y, x_far) for name, make in makes.items()}
        results["responses"][response] = {"share": float(y.mean()), "crossed": scored(y, country, inside),
                                          "held_out": held_out(y_far, country_far, outside)}  # fmt: skip
        told(len(results["responses"]), len(chosen))
    write(asked.out, results, page(results), asked.quick)


def page(results: dict[str, Any]) -> list[str]:
    """The page: what is found first, then every number."""
    found = results["responses"]
    crossed_rows, far_rows = [], []
    for response, one in found.items():
        label = response.replace("_", " ")
        for row in one["crossed"]:
            gaps = [None, None, ""] if row["model"] == BASE else [row["log_less_base"], row["log_less_base_error"],
                                                                   row["log_says"]]  # fmt: skip
            crossed_rows.append([label, row["model"], row["brier"], row["brier_error"], row["brier_says"], row["log"],
                                 row["log_error"], *gaps])  # fmt: skip
        for row in one["held_out"]:
            gaps = [None] * 3 if row["model"] == BASE else list(row["log_less_base"].values())
            far_rows.append([label, row["share"], row["model"], row["chance"], row["brier"], row["log"], *gaps,
                             row["says"]])  # fmt: skip
    countries = list(next(iter(found.values()))["held_out"][0]["log_less_base"])
    return [
        "# How states respond to protest",
        "",
        f"{results['protests']:,} protests in 15 countries, one country left out at a time; "
        f"{results['held_out_protests']} protests in {', '.join(countries)} scored once.",
        "",
        *summary(found),
        "",
        "## Countries left out one at a time",
        "",
        "Means over countries ± standard error over countries; lower is better.",
        "",
        *table(["response", "model", "Brier", "±", "Brier says", "log", "±", "log less base rate", "±", "log says"],
               crossed_rows),
        "",
        "## Held-out countries",
        "",
        "`share` is how often the response was reported there, `chance` what the model gave it on average. The columns",
        "of countries are the log score less that of the base rate.",
        "",
        *table(["response", "share", "model", "chance", "Brier", "log", *countries, "says"], far_rows),
        "",
        "A chance is that of a response being reported. None of this says what causes a response.",
    ]  # fmt: skip


def summary(found: dict[str, Any]) -> list[str]:
    """One line a model on each test: where it wins, where it loses."""

    def listed(part: str, key: str, model: str, word: str) -> str:
        held = [name.replace("_", " ") for name, one in found.items()
                for row in one[part] if row["model"] == model and row[key] == word]  # fmt: skip
        return f"{len(held)} of {len(found)}" + (f" ({', '.join(held)})" if held else "")

    made = []
    for model in ("logistic", "boosting"):
        made += [
            f"- **{model}**, unseen countries, log score: beats the base rate for "
            f"{listed('crossed', 'log_says', model, 'beats')}, loses for "
            f"{listed('crossed', 'log_says', model, 'loses to')}; Brier score: beats for "
            f"{listed('crossed', 'brier_says', model, 'beats')}, loses for "
            f"{listed('crossed', 'brier_says', model, 'loses to')}.",
            f"- **{model}**, held-out countries, log score: better in all three for "
            f"{listed('held_out', 'says', model, 'better')}, worse in all three for "
            f"{listed('held_out', 'says', model, 'worse')}, mixed for {listed('held_out', 'says', model, 'mixed')}.",
        ]
    return made


if __name__ == "__main__":
    main()
