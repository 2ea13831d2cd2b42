"""Markov chains: how long they take to get anywhere, how they mix, and what a change of the matrix does to them."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

import mdps
from mdps.long_run_strategies import chains, irreducible_chains, unichains
from mdps.strategies import laws
from proofs_check.chain_oracles import (
    deviation_matrix,
    dobrushin,
    passage_times,
    recurrent_sets,
    stationary,
    total_variation,
)
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.planning import bounds

DELTAS = st.sampled_from([0.5, 0.1, 0.9])
_MOST_STEPS = 10_000
CYCLES = st.integers(1, 6).map(lambda n: mdps.cycle(n).P.toarray())


def fresh_start(delta: float, rare: float = 1e-6) -> np.ndarray:
    """The matrix of the chain that stays, or begins afresh."""
    return mdps.fresh_start(delta, rare).P.toarray()


def mixing_chains() -> SearchStrategy[np.ndarray]:
    """Chains with Dobrushin's coefficient below 1, so that one step brings any two states nearer."""
    return chains().filter(lambda P: dobrushin(P) < 1 - 1e-9)


def with_another(matrices: SearchStrategy[np.ndarray]) -> SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    """A matrix, and another of its size with one recurrent class."""
    return matrices.flatmap(
        lambda P: st.tuples(
            st.just(P), laws(len(P), len(P), uneven=False).filter(lambda Q: len(recurrent_sets(Q)) == 1)
        )
    )


def _spectrum(P: np.ndarray) -> np.ndarray:
    """The eigenvalues of P, but for one 1."""
    eigenvalues = np.linalg.eigvals(P)
    return np.delete(eigenvalues, np.argmin(np.abs(eigenvalues - 1)))


def _mean_times(P: np.ndarray) -> np.ndarray:
    """The expected time to a state drawn from the stationary distribution, from each state."""
    return passage_times(P) @ stationary(P)


kemeny = Theorem(
    name="kemeny-constant",
    statement=(
        r"$\sum_j \pi_j m_{ij} = \mathrm{tr}\, D$ for every $i$: a state drawn from the stationary distribution is "
        r"equally far from everywhere."
    ),
    source="kemeny1960, theorem 4.4.10",
    assumptions=r"$P$ irreducible; $m_{ij}$ is the mean first passage time, $m_{ii} = 0$",
    instances=irreducible_chains() | CYCLES,
    check=lambda P: Check.equal(_mean_times(P), bounds.kemeny_constant(deviation_matrix(P))),
    # False: a state drawn uniformly is equally far from everywhere.
    refutable=lambda P: Check.equal(passage_times(P).mean(axis=1), passage_times(P)[0].mean()),
)

kemeny_spectrum = Theorem(
    name="kemeny-spectrum",
    statement=(
        r"$\sum_j \pi_j m_{ij} = \sum_{k \ge 2} \frac{1}{1 - \lambda_k}$ with the eigenvalues $\lambda_1 = 1$, "
        r"$\lambda_2, \dots$ of $P$."
    ),
    source="levene2002",
    assumptions=r"$P$ irreducible",
    instances=irreducible_chains() | CYCLES,
    check=lambda P: Check.equal(_mean_times(P), bounds.kemeny_constant_of_spectrum(_spectrum(P))),
    # False: with the distances |1 - lambda| in the plane.
    refutable=lambda P: Check.equal(_mean_times(P), bounds.kemeny_constant_of_spectrum(1 - np.abs(1 - _spectrum(P)))),
)


def _least_kemeny(P: np.ndarray) -> Check:
    return Check(bounds.least_kemeny_constant(len(P)), _mean_times(P).min())


kemeny_least = Theorem(
    name="kemeny-least",
    statement=r"$\sum_j \pi_j m_{ij} \ge \frac{n-1}{2}$: no chain gets about faster than one that goes round.",
    source="hunter2006",
    assumptions=r"$P$ irreducible with $n$ states. From kemeny-spectrum: $\mathrm{Re} \frac{1}{1-\lambda} \ge \frac12$",
    instances=irreducible_chains() | CYCLES,
    check=_least_kemeny,
    refutable=scaled(_least_kemeny),
    tight=lambda: _least_kemeny(mdps.cycle(5).P.toarray()),
    tight_ratio=0.999999,
    attained_by="`mdps.cycle`, which goes round,",
)


def _contraction(P: np.ndarray, laws: np.ndarray) -> Check:
    mu, nu = laws
    return Check(
        total_variation(mu @ P, nu @ P), bounds.total_variation_contraction(dobrushin(P), total_variation(mu, nu))
    )


dobrushin_contraction = Theorem(
    name="dobrushin-contraction",
    statement=(
        r"$\mathrm{TV}(\mu P, \nu P) \le \delta\, \mathrm{TV}(\mu, \nu)$ with Dobrushin's coefficient "
        r"$\delta = \max_{i,j} \mathrm{TV}(P_i, P_j)$."
    ),
    source="dobrushin1956",
    assumptions=r"$P$ stochastic, $\mu$ and $\nu$ distributions",
    instances=chains().flatmap(lambda P: st.tuples(st.just(P), laws(2, len(P))))
    | DELTAS.map(lambda delta: (fresh_start(delta), np.eye(2))),
    check=_contraction,
    refutable=scaled(_contraction),
    tight=lambda: _contraction(fresh_start(0.5), np.eye(2)),
    tight_ratio=0.999999,
    attained_by="`mdps.fresh_start`, which stays or begins afresh,",
)


def _second_eigenvalue(P: np.ndarray, steps: int) -> Check:
    # Compared as powers: rounding moves a multiple eigenvalue 0 by far more than its power.
    largest = np.abs(_spectrum(P)).max(initial=0.0)
    bound = bounds.second_eigenvalue(dobrushin(np.linalg.matrix_power(P, steps)), steps)
    return Check(largest**steps, bound**steps)


dobrushin_eigenvalue = Theorem(
    name="dobrushin-eigenvalue",
    statement=r"$|\lambda_2| \le \delta(P^J)^{1/J}$ for every $J \ge 1$.",
    source="seneta2006",
    assumptions=r"$P$ stochastic; $\lambda_2$ is the largest in modulus of its eigenvalues but for one 1",
    instances=st.tuples(chains() | DELTAS.map(fresh_start), st.integers(1, 3)),
    check=_second_eigenvalue,
    refutable=scaled(_second_eigenvalue),
    tight=lambda: _second_eigenvalue(fresh_start(0.5), 2),
    tight_ratio=0.999999,
    attained_by="`mdps.fresh_start`, which stays or begins afresh,",
)


def _steps_to_mix(P: np.ndarray, eps: float) -> int:
    """The least number of steps after which all rows are within eps of the stationary distribution."""
    pi, power = stationary(P), np.eye(len(P))
    for steps in range(_MOST_STEPS):
        if max(total_variation(row, pi) for row in power) <= eps:
            return steps
        power = power @ P
    raise ValueError(f"the chain has not mixed after {_MOST_STEPS} steps: it is periodic, or nearly so")


def _mixing(P: np.ndarray, eps: float, fewer: int = 0) -> Check:
    return Check(_steps_to_mix(P, eps), bounds.mixing_time(dobrushin(P), eps) - fewer)


def _slowest(delta: float, steps: int) -> tuple[np.ndarray, float]:
    """A chain that needs every one of its steps: the accuracy is what that many reach."""
    return fresh_start(delta), delta**steps * (1 + 1e-9)


dobrushin_mixing = Theorem(
    name="dobrushin-mixing",
    statement=r"$\max_i \mathrm{TV}(P^t_i, \pi) \le \varepsilon$ for $t \ge \lceil \ln\varepsilon / \ln\delta \rceil$.",
    source="levin2009, section 4.4",
    assumptions=r"$\delta < 1$, $0 < \varepsilon < 1$",
    instances=st.tuples(mixing_chains(), st.sampled_from([0.5, 0.1, 0.01]))
    | st.builds(_slowest, DELTAS, st.integers(1, 6)),
    check=_mixing,
    refutable=lambda P, eps: _mixing(P, eps, fewer=1),  # false: one step fewer is enough
    tight=lambda: _mixing(*_slowest(0.5, 10)),
    tight_ratio=0.999999,
    attained_by="`mdps.fresh_start`, which stays or begins afresh,",
)


def _shift_identity(P: np.ndarray, Q: np.ndarray, new: bool = True) -> Check:
    before, after = stationary(P), stationary(Q)
    return Check.equal(after - before, (after if new else before) @ (Q - P) @ deviation_matrix(P))


stationary_identity = Theorem(
    name="stationary-identity",
    statement=r"$\tilde\pi - \pi = \tilde\pi (\tilde P - P) D$: how the stationary distribution moves.",
    source="schweitzer1968",
    assumptions=r"$P$ and $\tilde P$ have one recurrent class each; $D$ is the deviation matrix of $P$",
    instances=with_another(unichains()),
    check=_shift_identity,
    refutable=lambda P, Q: _shift_identity(P, Q, new=False),  # false: to first order only
)


def _shift(P: np.ndarray, Q: np.ndarray) -> Check:
    moved = max(map(total_variation, P, Q))
    return Check(total_variation(stationary(P), stationary(Q)), bounds.stationary_shift(dobrushin(P), moved))


stationary_shift = Theorem(
    name="stationary-shift",
    statement=(
        r"$\mathrm{TV}(\tilde\pi, \pi) \le \frac{1}{1-\delta} \max_i \mathrm{TV}(\tilde P_i, P_i)$: chains that mix "
        r"forgive errors."
    ),
    source="seneta1988",
    assumptions=r"$\delta < 1$ is Dobrushin's coefficient of $P$, and $\tilde P$ has one recurrent class",
    instances=with_another(mixing_chains()) | DELTAS.map(lambda d: (fresh_start(d, 0.25), fresh_start(d, 0.5))),
    check=_shift,
    refutable=scaled(_shift),
    tight=lambda: _shift(fresh_start(0.5, 0.25), fresh_start(0.5, 0.35)),
    tight_ratio=0.999999,
    attained_by="A pair of `mdps.fresh_start`, which begin afresh in other states,",
)

THEOREMS = (
    kemeny,
    kemeny_spectrum,
    kemeny_least,
    dobrushin_contraction,
    dobrushin_eigenvalue,
    dobrushin_mixing,
    stationary_identity,
    stationary_shift,
)
