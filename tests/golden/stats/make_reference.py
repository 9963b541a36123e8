"""Writes reference.json, the figures that crates/core/tests/stats_reference.rs holds the statistics to.

    pip install "numpy==2.4.6" "scipy==1.17.1"
    python make_reference.py

Samples come from a small generator written out here, so that they do not change with NumPy.
"""

import json
import math
import pathlib

import numpy as np
import scipy
from scipy import special, stats


def samples():
    state = 12345

    def uniform():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return ((state >> 11) + 0.5) / 2**53

    def normal():
        return math.sqrt(-2 * math.log(uniform())) * math.cos(2 * math.pi * uniform())

    def series(n, rho, shift, scale):
        x, out = normal(), []
        for _ in range(n):
            x = rho * x + math.sqrt(1 - rho * rho) * normal()
            out.append(round(shift + scale * x, 6))
        return out

    return {
        "few_a": series(6, 0.0, 10.0, 2.0),
        "few_b": series(9, 0.0, 11.0, 2.0),
        "eight": series(8, 0.0, 10.5, 1.0),
        "many_a": series(60, 0.5, 10.0, 2.0),
        "many_b": series(45, 0.5, 11.0, 3.0),
        "tied_a": [float(round(v)) for v in series(40, 0.0, 5.0, 2.0)],
        "tied_b": [float(round(v)) for v in series(30, 0.0, 6.0, 2.0)],
        "few_tied": [1.0, 2.0, 2.0, 3.0, 7.0],
        "separate": series(20, 0.0, 100.0, 1.0),
        "long": series(500, 0.8, 3.0, 0.5),
    }


def one(values):
    x = np.array(values)
    d = x - x.mean()
    rho = float((d[:-1] * d[1:]).sum() / (d * d).sum())
    return {
        "mean": float(x.mean()),
        "std_population": float(x.std()),
        "std_sample": float(x.std(ddof=1)),
        "percentiles": [[p, float(np.percentile(x, 100 * p))] for p in (0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1)],
        "autocorrelation": rho,
        "effective_n": min(max(len(x) * (1 - rho) / (1 + rho), 1.0), float(len(x))),
        "repeats": [float(v) for v in stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x))],
    }


def pair(a, b):
    x, y = np.array(a), np.array(b)
    test = stats.mannwhitneyu(x, y, alternative="two-sided", method="auto")
    differences = np.subtract.outer(x, y).ravel()
    return {
        "u": float(test.statistic),
        "p": float(test.pvalue),
        "delta": float(np.sign(differences).mean()),
        "shift": float(np.median(differences)),
        "quantiles": [[q, float(np.quantile(differences, q))] for q in (0.025, 0.31, 0.975)],
    }


def ranks(n, p, level):
    """Ranks from 1 of the exact two-sided interval of a percentile; 0 or n + 1 leave the sample."""
    tail = (1 - level) / 2
    return [int(stats.binom.ppf(tail, n, p)), int(stats.binom.ppf(1 - tail, n, p)) + 1]


def main():
    data = samples()
    pairs = [("few_a", "few_b"), ("eight", "many_a"), ("many_a", "many_b"), ("tied_a", "tied_b"), ("few_a", "few_tied"),
             ("few_tied", "few_b"), ("separate", "many_a"), ("many_b", "long"), ("eight", "long"), ("tied_a", "tied_a")]
    grid = (0.001, 0.01, 0.3, 1.0, 2.5, 12.0, 150.0, 4000.0)
    out = {
        "made_with": {"numpy": np.__version__, "scipy": scipy.__version__},
        "samples": data,
        "one": {name: one(v) for name, v in data.items()},
        "pairs": [{"a": a, "b": b, **pair(data[a], data[b])} for a, b in pairs],
        "normal_cdf": [[z, float(stats.norm.cdf(z))] for z in (-8.0, -3.3, -1.0, -0.1, 0.0, 0.7, 1.99, 2.01, 2.9, 5.0)],
        "normal_sf": [[z, float(stats.norm.sf(z))] for z in (-2.0, 0.0, 0.5, 1.99, 2.01, 2.83, 2.9, 4.0, 6.0, 12.0, 30.0)],
        "normal_quantile": [[p, float(stats.norm.ppf(p))] for p in (1e-12, 1e-4, 0.025, 0.2, 0.5, 0.75, 0.95, 0.975, 0.9999)],
        "t_sf": [[t, d, float(stats.t.sf(t, d))] for t in (-1.3, 0.0, 0.2, 1.0, 2.5, 9.0) for d in (1.0, 1.7, 3.0, 12.4, 100.0, 5000.0)],
        "t_quantile": [[p, d, float(stats.t.ppf(p, d))] for p in (0.01, 0.2, 0.5, 0.8, 0.95, 0.975, 0.9995) for d in (1.0, 1.7, 2.0, 3.3, 12.4, 100.0, 5000.0)],
        "ln_gamma": [[z, float(special.gammaln(z))] for z in (0.01, 0.5, 1.0, 1.5, 2.0, 3.7, 11.9, 12.1, 170.0, 1e5)],
        "beta_cdf": [[a, b, x, float(stats.beta.cdf(x, a, b))] for a in grid[1:] for b in grid[1:] for x in (0.001, 0.05, 0.4, 0.5, 0.83, 0.99)],
        "beta_quantile": [[a, b, p, float(stats.beta.ppf(p, a, b))] for a in (0.3, 1.0, 2.5, 12.0, 150.0, 4000.0) for b in (0.3, 1.0, 2.5, 12.0, 150.0) for p in (0.025, 0.5, 0.975)],
        "binomial_cdf": [[k, n, p, float(stats.binom.cdf(k, n, p))] for n in (1, 7, 100, 3000) for p in (0.01, 0.5, 0.95) for k in (0, n // 3, n // 2, n - 1)],
        "binomial_quantile": [[q, n, p, int(stats.binom.ppf(q, n, p))] for q in (0.025, 0.31, 0.975) for n in (1, 7, 100, 3000) for p in (0.01, 0.5, 0.95, 0.99)],
        "ranks": [[n, p, *ranks(n, p, 0.95)] for n in (6, 30, 100, 300, 400, 2500) for p in (0.01, 0.5, 0.9, 0.95, 0.99)],
        "wilson": [[k, n, *stats.binomtest(k, n).proportion_ci(0.95, method="wilson")] for k, n in ((0, 12), (1, 12), (6, 12), (12, 12), (87, 120), (2990, 3000))],
        "holm": [],
    }
    for p in ([0.01, 0.04, 0.03, 0.005], [0.5, 0.02], [0.2], [0.9, 0.8, 0.7]):
        order = np.argsort(p, kind="stable")
        adjusted, running = [0.0] * len(p), 0.0
        for i, j in enumerate(order):
            running = min(max(running, p[j] * (len(p) - i)), 1.0)
            adjusted[j] = float(running)
        out["holm"].append([p, adjusted])
    path = pathlib.Path(__file__).with_name("reference.json")
    lines = [f" {json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
