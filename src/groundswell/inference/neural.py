"""A third opinion: the posterior by a neural network, of the same table of prior draws (needs the extra `sbi`).

Neural posterior estimation (Papamakarios and Murray 2016, arXiv:1605.06376; one round of it is plain maximum
likelihood): a masked autoregressive flow (Papamakarios, Pavlakou and Murray 2017, arXiv:1705.07057) learns the density
of the free numbers given the summaries, through sbi (Tejero-Cantero and others 2020, Journal of Open Source Software
5, 2505). It needs no distance and no tolerance, and it can be sure of itself and wrong where the observed summaries
lie outside what it has seen.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np

from groundswell.chance import chance_for
from groundswell.errors import GroundswellError, Problem
from groundswell.inference.posterior import Posterior
from groundswell.inference.smc import Table
from groundswell.inference.space import Floats, Space

METHOD = "neural"


def require() -> None:
    """Raise GroundswellError where sbi or torch cannot be imported: to be asked before anything is simulated."""
    try:
        import sbi  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise GroundswellError(Problem("extra-missing", "the neural posterior", f"needs the extra 'sbi' ({error})",
                                       "pip install 'groundswell[sbi]', or leave it out")) from error  # fmt: skip


class Neural:
    """A flow trained on a table once, asked for any observed summaries after.

    The same table and seed give the same answers on the same machine and versions of torch and sbi; across machines
    torch promises no equal bits, so nothing that is kept for a golden digest may rest on it. It works on z, where every
    prior is a standard normal. A summary that never varies is left out. Raises GroundswellError where the extra is not
    installed, where the table has under 50 rows, or where no summary varies.
    """

    def __init__(self, table: Table, space: Space, *, seed: int = 0) -> None:
        require()
        self.space, self.seed = space, seed
        self._varies = table.summaries.std(axis=0) > 0
        if len(table.z) < 50 or not self._varies.any():
            fault = f"has {len(table.z)} rows, with {int(self._varies.sum())} summaries that vary"
            raise GroundswellError(Problem("neural-table", "the neural posterior", fault,
                                           "give 50 simulations or more at differing numbers"))  # fmt: skip
        x = table.summaries[:, self._varies]
        self._centre, self._scale = x.mean(axis=0), x.std(axis=0)
        with _settled(seed, "train") as torch:
            from sbi.inference import NPE

            size = table.z.shape[1]
            prior = torch.distributions.MultivariateNormal(torch.zeros(size), torch.eye(size))
            training = NPE(prior=prior, density_estimator="maf", tracker=_Untracked(),
                           show_progress_bars=False)  # fmt: skip
            training.append_simulations(_tensor(table.z), self._scaled(table.summaries))
            training.train(training_batch_size=min(200, max(20, len(table.z) // 10)), show_train_summary=False)
            self._found: Any = training.build_posterior()

    def posterior(self, observed: Floats, draws: int = 2000) -> Posterior:
        """Draws of the posterior at observed summaries (s,), equally weighted. Its `summaries` are not known: NaN."""
        with _settled(self.seed, "draw"):
            seen = self._scaled(observed[None, :])
            z = self._found.sample((draws,), x=seen, show_progress_bars=False).numpy().astype(np.float64)
        return Posterior(METHOD, self.space, z, np.full(draws, 1.0 / draws), np.full((draws, len(observed)), np.nan))

    def _scaled(self, summaries: Floats) -> Any:
        return _tensor((summaries[:, self._varies] - self._centre) / self._scale)


class _Untracked:
    """Takes what sbi would otherwise write to a folder `sbi-logs` wherever the user happens to be."""

    log_dir = None

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def _tensor(values: Floats) -> Any:
    import torch

    return torch.as_tensor(np.ascontiguousarray(values), dtype=torch.float32)


@contextmanager
def _settled(seed: int, what: str) -> Iterator[Any]:
    """torch with an addressed seed, one thread, no warnings and nothing printed; its state is put back afterwards."""
    import torch

    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # of third parties, about what the user cannot change
        torch.set_num_threads(1)  # sums in one order
        torch.manual_seed(int(chance_for(seed, f"inference/neural/{what}").key_low))
        try:
            yield torch
        finally:
            torch.set_num_threads(threads)
