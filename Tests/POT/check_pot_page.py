"""Runs both sides of every row of the page for users of POT and compares them.

The rows are read from the page itself, so that page and test cannot drift apart: an expression, a set of arrays or a command that the page
shows and that does not work fails here.

    python check_pot_page.py path/to/otlab path/to/ForPOTUsers.md [features.csv table.md]

Prints the number of rows. With a list of POT's features, each with a pattern of the calls that use it, also writes a table that says of each
whether it is served and how near the values come. Needs numpy, h5py and POT 0.9.7.
"""

import ast
import csv
import functools
import re
import subprocess
import sys
import tempfile
import warnings

import h5py
import numpy as np
import ot
import ot.coot  # not imported by ot itself

warnings.simplefilter("ignore")
otlab, page, *report = sys.argv[1:]


def names():
    """What expressions of the page may use."""
    rng = np.random.default_rng(1)
    n, m = 12, 9
    X, Y = rng.normal(size=(n, 2)), rng.normal(size=(m, 2))
    a, b = rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(m))
    A, I = rng.random((3, 20)), rng.random((2, 16, 16))
    line = np.linspace(0, 1, 20)[:, None]
    D1, D2 = ot.dist(X, X, "euclidean"), ot.dist(Y, Y, "euclidean")
    units = lambda *shape: (lambda z: z / np.linalg.norm(z, axis=-1, keepdims=True))(rng.normal(size=shape))
    return dict(
        np=np, ot=ot, min=min, X=X, Y=Y, a=a, b=b, C=ot.dist(X, Y), M=ot.dist(X, Y), R=rng.random((n, m)),
        D1=D1, D2=D2, E1=np.exp(-D1), E2=np.exp(-D2), u=rng.random((n, 1)), v=rng.random((m, 1)),
        A=A / A.sum(1, keepdims=True), I=I / I.sum((1, 2), keepdims=True), C0=ot.dist(line, line),
        T1=rng.random((8, 5)), T2=rng.random((7, 4)), Θ=units(20, 2), S1=units(n, 3), S2=units(m, 3),
        U=np.linalg.qr(rng.normal(size=(20, 3, 2)))[0].swapaxes(1, 2).reshape(-1, 3),
        K1=np.cov(rng.normal(size=(2, 9))), K2=np.cov(rng.normal(size=(2, 9))), Z=rng.normal(size=(7, 2)), ε=0.2, ρ=1.0, α=0.7,
        starts=[ot.sinkhorn(a, b, rng.random((n, m)), 0.01) for _ in range(10)],
        divergence_with_entropies=divergence_with_entropies)


def divergence_with_entropies(x, y, ε):
    def value(x, y):
        a, b, C = ot.unif(len(x)), ot.unif(len(y)), ot.dist(x, y)
        P = ot.sinkhorn(a, b, C, ε)
        return (C * P).sum() + ε * (P * np.log(P / np.outer(a, b)) - P + np.outer(a, b)).sum()
    return value(x, y) - (value(x, x) + value(y, y)) / 2


def tighten():
    """POT's own defaults stop before six digits are right in some functions; the page shows calls without these settings."""
    def tight(module, name, **settings):
        setattr(module, name, functools.partial(getattr(module, name), **settings))
    for module, name in [(ot, "sinkhorn"), (ot, "sinkhorn2"), (ot.unbalanced, "sinkhorn_unbalanced")]:
        tight(module, name, stopThr=1e-13, numItermax=100_000)
    for name in ["barycenter", "convolutional_barycenter2d"]:
        tight(ot.bregman, name, stopThr=1e-12, numItermax=100_000)
    for name in ["mm_unbalanced", "mm_unbalanced2"]:
        tight(ot.unbalanced, name, stopThr=1e-15, numItermax=100_000)
    for name in ["entropic_gromov_wasserstein", "entropic_fused_gromov_wasserstein"]:
        tight(ot.gromov, name, tol=1e-11, max_iter=5000)
    for name in ["entropic_semirelaxed_gromov_wasserstein2", "entropic_semirelaxed_fused_gromov_wasserstein"]:
        tight(ot.gromov, name, tol=1e-13, max_iter=100_000)
    for name in ["fused_unbalanced_gromov_wasserstein", "fused_unbalanced_gromov_wasserstein2", "fused_unbalanced_across_spaces_divergence",
                 "unbalanced_co_optimal_transport"]:
        tight(ot.gromov, name, tol=1e-12, tol_ot=1e-12, max_iter=2000, max_iter_ot=5000)


def rows(text):
    """The cells of all tables whose last column is 'equal to'; text between backquotes where there is any."""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells:
            inside = False
        elif cells[-1] == "equal to":
            inside = True
        elif inside and not set(cells[0]) <= set("-: "):
            yield cells


def code(cell):
    return re.search(r"`([^`]+)`", cell).group(1)


def arrays(cell, names):
    call = ast.parse(f"f({code(cell)})", mode="eval").body
    given = {name.id: name for name in call.args} | {each.arg: each.value for each in call.keywords}
    return {key: eval(compile(ast.Expression(tree), "page", "eval"), names) for key, tree in given.items()}


def solve(command, arrays, names):
    def number(match):
        return f"={eval(match.group(1), names)}"
    command = re.sub(r"=([0-9]*[*]?[ερα][*ερα]*)", number, command)
    with tempfile.TemporaryDirectory() as folder:
        with h5py.File(f"{folder}/in.h5", "w") as file:
            for key, value in arrays.items():
                file[key] = value
        subprocess.run(
            [otlab, "solve", *command.split(), "--input", f"{folder}/in.h5", "--output", f"{folder}/out.h5", "--require-converged"],
            check=True, capture_output=True, text=True)
        out = {}
        with h5py.File(f"{folder}/out.h5") as file:
            file.visititems(lambda name, item: out.__setitem__(name, item[...]) if isinstance(item, h5py.Dataset) else None)
        return out


def write_table(features, path, outcomes):
    lines = [
        "# What POT has, and whether otlab serves it", "",
        "Written by `make soak` from the page for users of POT, both sides of whose rows it runs. Differences are the largest of all numbers compared,",
        "as a fraction of the largest of POT's; POT's solvers run at tolerances that allow six digits.", "",
        "| feature of POT | `otlab solve` | rows compared | difference |", "| --- | --- | ---: | --- |"]
    for row in csv.DictReader(open(features, encoding="utf-8")):
        found = [each for each in outcomes if re.search(row["functions"], each[0])]
        words = []
        equal = [difference for _, _, difference, is_bound in found if not is_bound]
        lower = [difference for _, _, difference, is_bound in found if is_bound]
        if equal:
            words.append(f"at most {max(equal):.0e}" if max(equal) >= 1e-15 else "none")
        if lower:
            words.append(f"ours is lower by {-min(lower):.0e}" if min(lower) < -1e-6 else "none in the value, with more starts")
        served = ", ".join(f"`{name}`" for name in dict.fromkeys(each[1] for each in found)) or "not served"
        lines.append(f"| {row['feature']} | {served} | {len(found) or ''} | {'; '.join(words)} |")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    tighten()
    count, failures, outcomes = 0, [], []
    for theirs, _, given, command, equal in rows(open(page, encoding="utf-8").read()):
        count += 1
        try:
            scope = names()
            expected = np.squeeze(eval(code(theirs), scope))
            ours = np.squeeze(eval(code(equal), scope | solve(code(command), arrays(given, scope), scope)))
            if "up to a constant" in equal:
                expected, ours = expected - expected.mean(), ours - ours.mean()
            if expected.shape != ours.shape:
                raise ValueError(f"shape {ours.shape}, POT {expected.shape}")
            difference = (ours - expected).max() if equal.startswith("at most") else abs(ours - expected).max()
            scale = max(abs(expected).max(), 1e-12)
            if not difference <= 1e-6 * scale:
                raise ValueError(f"differs by {difference} of {abs(expected).max()}")
            outcomes.append((code(theirs), code(command).split()[0], difference / scale, equal.startswith("at most")))
        except subprocess.CalledProcessError as error:
            failures.append(f"{theirs}: {error.stderr.strip()}")
        except Exception as error:
            failures.append(f"{theirs}: {type(error).__name__}: {error}")
    if count < 20:
        failures.append(f"only {count} rows were found")
    if report and not failures:
        write_table(*report, outcomes)
    print("\n".join(failures), file=sys.stderr)
    print(count)
    sys.exit(1 if failures else 0)


main()
