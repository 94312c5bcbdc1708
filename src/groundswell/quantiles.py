"""Quantiles with the same bits on every machine; of a beta from a table of its inverse distribution function."""

from __future__ import annotations

import math

import numpy as np

from groundswell.chance import Chance, exp, log, normal_quantile, uniform
from groundswell.compiled import kernel

NODES = 1025  # of a table: quantiles at 0, 1/1024, ..., 1


@kernel
def fill_beta(a, b, table):
    """Fill `table` (NODES,) with quantiles of Beta(a, b) at 0, 1/1024, ..., 1; the ends stand at 1/8192 from 0 and 1.

    The distribution function is summed by the trapezium rule in z = log(x / (1 - x)), where the density
    x^a (1 - x)^b is smooth, and inverted by straight lines; error in x below 5e-4 for a, b >= 0.2 (2e-4 from
    0.5 on, 5e-5 from 1 on).
    """
    points = 4096
    centre = log(a / b)
    reach = 10.0 * math.sqrt(1.0 / a + 1.0 / b) + 14.0 / min(a, b)
    width = 2.0 * reach / (points - 1)
    mass = np.empty(points)
    peak = -np.inf
    for i in range(points):
        z = centre - reach + i * width
        tail = log(1.0 + exp(-abs(z)))
        log_x = -tail if z > 0.0 else z - tail
        log_y = -z - tail if z > 0.0 else -tail
        mass[i] = a * log_x + b * log_y
        peak = max(peak, mass[i])
    total = 0.0
    before = 0.0
    for i in range(points):
        here = exp(mass[i] - peak)
        total += 0.5 * (here + before)
        before = here
        mass[i] = total
    nodes = table.size - 1
    i = 0
    for k in range(nodes + 1):
        wanted = total * min(max(k / nodes, 0.125 / nodes), 1.0 - 0.125 / nodes)
        while mass[i] < wanted:
            i += 1
        low = mass[i - 1] if i else 0.0
        z = centre - reach + (i - (mass[i] - wanted) / (mass[i] - low)) * width
        table[k] = 1.0 / (1.0 + exp(-z))


@kernel
def look_up(table, u):
    """The quantile at u in [0, 1), by straight lines between the table's nodes."""
    at = u * (table.size - 1)
    k = min(int(at), table.size - 2)
    return table[k] + (at - k) * (table[k + 1] - table[k])


@kernel
def fill_uniforms(chance, replicates, made):
    """One uniform a replicate: row 0, slot 0 at the address of each of `replicates` (n,), which are counted from 0."""
    for i in range(made.size):
        made[i] = uniform(Chance(chance.key_low, chance.key_high, chance.step, np.uint64(replicates[i])), 0, 0)


@kernel
def fill_quantiles(kind, a, b, u, table, made):
    """made[i] = the quantile at u[i], 0 < u < 1. Kinds: 0 even from a to b, 1 even in the logarithm from a to b,
    2 normal with mean a and standard deviation b, 3 what `table` (NODES,) holds."""
    low, wide = (log(a), log(b) - log(a)) if kind == 1 else (a, b - a)
    for i in range(made.size):
        if kind == 0:
            made[i] = low + wide * u[i]
        elif kind == 1:
            made[i] = exp(low + wide * u[i])
        elif kind == 2:
            made[i] = a + b * normal_quantile(u[i])
        else:
            made[i] = look_up(table, u[i])
