"""How figures look and how they are saved: one palette, one style, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from groundswell.reports.tables import Table, csv_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which people with any common colour vision can tell apart.
BLUE, ORANGE, GREEN, RED, PINK, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
BLACK, GREY, PALE = "#1b1f24", "#6b7280", "#e6e8eb"
CYCLE = (RED, BLUE, GREEN, ORANGE, PINK, SKY, BLACK, GREY)
LIGHT, MIDDLE = "#d3e5f1", "#9dc6e0"  # the 90 % and 50 % bands: blue on white at two strengths
WIDTH = 7.2  # inches: at 96 dots an inch the page shows figures close to this size
DPI = 150
STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "text.parse_math": False,
    "text.color": BLACK,
    "axes.labelcolor": BLACK,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 5,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a919b",
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "xtick.color": "#8a919b",
    "ytick.color": "#8a919b",
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "none",
    "svg.hashsalt": "groundswell",
    "savefig.facecolor": "white",
}
_MOST_POINTS = 500
_ALONE = threading.Lock()  # matplotlib's settings are global, so figures are drawn one at a time
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Drawing:
    """A figure as the page shows it: inline SVG, its caption, a text for who cannot see it, the tables behind it."""

    name: str
    title: str
    caption: str
    alt: str
    svg: str
    tables: tuple[Table, ...]


@contextmanager
def styled() -> Iterator[None]:
    """Inside, figures are drawn in the style of the page, by one thread at a time."""
    import matplotlib

    with _ALONE, matplotlib.rc_context(cast(Any, STYLE)):
        yield


def blank(height: float, width: float = WIDTH) -> Figure:
    """An empty figure in inches, made without pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes placed in inches from the lower left corner."""
    w, h = figure.get_size_inches()
    axes: Axes = figure.add_axes((left / w, bottom / h, width / w, height / h))
    return axes


def save(figure: Figure, name: str, folder: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write NAME.svg, NAME.png and NAME.csv and return the SVG as it goes into the page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.StringIO()
    nothing: dict[str, Any] = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    vector: Any = FigureCanvasSVG(figure)  # these two are not typed
    vector.print_svg(stream, metadata=nothing)
    svg = rounded(stream.getvalue())
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    figure.set_dpi(DPI)
    pixels: Any = FigureCanvasAgg(figure)
    pixels.print_png(folder / f"{name}.png", metadata={"Software": None}, pil_kwargs={"compress_level": 1})
    (folder / f"{name}.csv").write_text(csv_text(columns, rows), encoding="utf-8")
    return inline(svg, name)


def rounded(svg: str) -> str:
    """The SVG with coordinates at two decimals; text between tags stays as it is."""
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag.group()), svg)


def inline(svg: str, name: str) -> str:
    """The SVG element alone, with ids of its own, so that several can stand in one page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"| version="1.1"', "", svg).replace("xlink:href", "href")
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    svg = re.sub(r"font: (\d+) ([\d.]+)px [^;\"]*", r"font-size: \2px; font-weight: \1", svg)
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*"([^>]*)>', r"<svg \1\2>", svg, count=1)
    svg = re.sub(r'(<svg [^>]*?)height="[^"]*"', r"\1", svg, count=1)
    return re.sub(r">\s+<", "><", re.sub(r"\s*\n\s*", " ", svg)).strip()


def plain(text: str, longest: int = 60) -> str:
    """Text for a figure: control characters removed, cut where it is very long."""
    text = _CONTROL.sub(" ", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def day_numbers(dates: NDArray[np.datetime64] | Sequence[dt.date]) -> NDArray[np.float64]:
    """Days since 1970 as floats, for a date axis."""
    return np.asarray(dates, dtype="datetime64[D]").astype(np.float64)


def date_axis(axes: Axes, first: float, last: float, most: int = 7) -> None:
    """Ticks on firsts of months, or every so many days in a short period; the year stands once, and at each January."""
    start, end = (np.datetime64(int(day), "D") for day in (np.floor(first), np.ceil(last)))
    months = np.arange(start.astype("datetime64[M]"), end.astype("datetime64[M]") + 1)
    firsts = months.astype("datetime64[D]")
    if len(firsts) <= 3 and last - first <= 75:
        gap = max(1, int(-(-(last - first) // most)))
        ticks = np.arange(start, end + 1, gap)
    else:
        every = next(k for k in (1, 2, 3, 4, 6, 12, 24, 60, 120, 1200) if len(firsts) / k <= most)
        ticks = firsts[
            (months.astype(np.int64) % min(every, 12) == 0)
            & ((months.astype(np.int64) // 12 + 1970) % max(every // 12, 1) == 0)
        ]
        ticks = ticks[(ticks >= start) & (ticks <= end)]
    axes.set_xticks(ticks.astype(np.float64), _tick_texts([tick.astype(object) for tick in ticks]))
    axes.set_xlim(first, last)


def _tick_texts(days: list[dt.date]) -> list[str]:
    texts = []
    for k, day in enumerate(days):
        with_year = k == 0 or day.year != days[k - 1].year
        texts.append(f"{day.day} {day:%b}" + (f"\n{day.year}" if with_year else ""))
    return texts


def count_axis(axes: Axes, highest: float, *, log: bool, knee: float = 1.0, few: bool = False) -> None:
    """An axis from 0: even, or even up to `knee` (a power of ten) and in powers of ten above; `few` for low panels."""
    if log:
        axes.set_yscale("symlog", linthresh=knee, linscale=0.5)
        top = max(1, int(np.ceil(np.log10(max(highest / knee, 1) * 1.0000001))))
        powers = np.arange(int(few), top + 1, 2 if top > (2 if few else 5) else 1)
        axes.set_yticks([0, *(knee * 10.0**powers)], ["0", *(_count_text(knee * 10.0 ** int(k)) for k in powers)])
        axes.minorticks_off()
        axes.set_ylim(0, max(highest * 1.5, 10 * knee))
        return
    ticks = nice_ticks(highest)
    axes.set_yticks(ticks, [_count_text(tick) for tick in ticks])
    axes.set_ylim(0, max(highest * 1.06, ticks[-1]))


def count_axis_across(axes: Axes, highest: float) -> None:
    """The same along x, logarithmic: it is set up on y of an empty figure, then handed over."""
    scratch = blank(1).add_axes((0, 0, 1, 1))
    count_axis(scratch, highest, log=True)
    axes.set_xscale("symlog", linthresh=1, linscale=0.5)
    axes.set_xticks(scratch.get_yticks(), [label.get_text() for label in scratch.get_yticklabels()])
    axes.minorticks_off()
    axes.set_xlim(-0.15, scratch.get_ylim()[1])


def nice_ticks(highest: float, steps: int = 4) -> list[float]:
    """Round numbers from 0 up to or just under `highest`; [0, 1] where it is 0."""
    if not highest > 0:
        return [0.0, 1.0]
    raw = highest / steps
    unit = 10.0 ** np.floor(np.log10(raw))
    step = float(next(m for m in (1, 2, 2.5, 5, 10) if m * unit >= raw) * unit)
    return [k * step for k in range(int(highest / step + 1e-9) + 1)]


def _count_text(value: float) -> str:
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if value >= size:
            return f"{value / size:g}{word}"
    return f"{value:,.10g}" if value >= 1 or value == 0 else f"{value:.9f}".rstrip("0")


def even_limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """An even axis that holds the rows, their sum and 0."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    total = values.sum(0)
    low, high = min(low, float(total.min())), max(high, float(total.max()))
    pad = 0.06 * max(high - low, 1e-6)
    return low - pad, high + pad


def even_ticks(limits: tuple[float, float]) -> list[float]:
    """Round numbers inside these limits."""
    low, high = limits
    step = nice_ticks(max(high - low, 1e-6), 4)[1]
    return [k * step for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def fan(axes: Axes, x: NDArray[np.float64], band: NDArray[np.float64]) -> None:
    """90 and 50 % bands and the median; `band` has shape (5, steps)."""
    if x.size == 1:  # a single step has no width to fill
        axes.plot([x[0], x[0]], [band[0, 0], band[4, 0]], color=MIDDLE, linewidth=4)
        axes.plot(x, band[2], "o", color=BLUE)
        return
    if x.size > _MOST_POINTS:  # keeps the page small; the table and the CSV file have every step
        kept = np.unique(np.linspace(0, x.size - 1, _MOST_POINTS).astype(np.int64))
        x, band = x[kept], band[:, kept]
    axes.fill_between(x, band[0], band[4], color=LIGHT, linewidth=0)
    axes.fill_between(x, band[1], band[3], color=MIDDLE, linewidth=0)
    axes.plot(x, band[2], color=BLUE, linewidth=1.6)


def fan_keys() -> list[Any]:
    """Legend handles of a fan."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Line2D([], [], color=BLUE, linewidth=1.6, label="median of replicates"),
        Patch(color=MIDDLE, linewidth=0, label="50 % of replicates"),
        Patch(color=LIGHT, linewidth=0, label="90 % of replicates"),
    ]
