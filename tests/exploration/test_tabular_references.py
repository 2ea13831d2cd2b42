"""Every kernel plays the episodes that a few lines of NumPy play, from the same uniform numbers."""

import math

import numpy as np
import pytest

import rltheory as rl
from rltheory import FiniteHorizonMDP
from rltheory.exploration import Data, Scaled, Theory
from rltheory.exploration.mvp import mvp
from rltheory.exploration.rf_express import rf_express
from rltheory.exploration.rf_ucrl import rf_ucrl
from rltheory.exploration.ucb_q import ucb_q
from rltheory.exploration.ucbvi import ucbvi, ucbvi_bernstein

S, A, H, K, DELTA = 3, 2, 4, 60, 0.1
SEEDS = range(4)


def world(seed):
    rng = np.random.default_rng([seed, 1])
    return rng.dirichlet(np.ones(S), (S, A)), rng.random((H, S, A)), rng.dirichlet(np.ones(S))


def drawn(p, rng):
    return min(int(np.searchsorted(np.cumsum(p), rng.random(), side="right")), S - 1)


def episode(P, mu, act, rng):
    s = drawn(mu, rng)
    for t in range(H):
        a = act(t, s)
        following = drawn(P[s, a], rng)
        yield t, s, a, following
        s = following


def value_of(P, r, mu, policy):
    return mu @ rl.evaluate_policy(FiniteHorizonMDP(P, r, H=H, mu=mu), policy).value[0]


def frequencies(moves):
    return moves / np.maximum(moves.sum(axis=-1, keepdims=True), 1)


def plain_ucbvi(P, r, mu, bonus, rng):
    """``bonus(t, kernel, n, after, arrivals)`` is an array of the shape of n."""
    moves, arrivals, q, values = np.zeros((S, A, S)), np.zeros((H, S)), np.full((H, S, A), float(H)), []
    for _ in range(K):
        n, kernel, after = moves.sum(axis=-1), frequencies(moves), np.zeros(S)
        for t in reversed(range(H)):
            with np.errstate(divide="ignore", invalid="ignore"):
                planned = r[t] + kernel @ after + bonus(t, kernel, n, after, arrivals)
            q[t] = np.where(n > 0, np.minimum(np.minimum(q[t], H), planned), q[t])
            after = q[t].max(axis=1)
        policy = q.argmax(axis=2)
        values.append(value_of(P, r, mu, policy))
        for t, s, a, y in episode(P, mu, lambda t, s, policy=policy: policy[t, s], rng):
            arrivals[t, s] += 1
            moves[s, a, y] += 1
    return np.array(values)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("radius", "width"),
    [
        (Theory(), 7 * H * math.log(5 * S * A * K * H / DELTA)),
        (Data(), H * math.sqrt(math.log(3 * S * A * K * H**2 / DELTA) / 2)),
        (Scaled(0.1), 0.1 * H * math.sqrt(math.log(3 * S * A * K * H**2 / DELTA) / 2)),
    ],
    ids=["theory", "data", "scaled"],
)
def test_ucbvi(seed, radius, width):
    P, r, mu = world(seed)
    run = ucbvi(FiniteHorizonMDP(P, r, H=H, mu=mu), K, delta=DELTA, radius=radius, rng=seed)
    plain = plain_ucbvi(P, r, mu, lambda t, kernel, n, *rest: width / np.sqrt(n), np.random.default_rng(seed))
    np.testing.assert_allclose(run.optimum - run.regret, plain, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", [1.0, 0.02])
def test_ucbvi_bernstein(seed, scale):
    P, r, mu = world(seed)
    L = math.log(5 * S * A * K * H / DELTA)

    def bonus(t, kernel, n, after, arrivals):
        variance = kernel @ after**2 - (kernel @ after) ** 2
        b = np.sqrt(8 * L * np.maximum(variance, 0) / n) + 14 * H * L / (3 * n)
        if t < H - 1:
            largest = 100**2 * H**3 * S**2 * A * L**2 / np.maximum(arrivals[t + 1], 1e-9)
            b = b + np.sqrt(8 * (kernel @ np.minimum(largest, H**2)) / n)
        return scale * b

    model = FiniteHorizonMDP(P, r, H=H, mu=mu)
    run = ucbvi_bernstein(model, K, delta=DELTA, radius=Scaled(scale), rng=seed)
    plain = plain_ucbvi(P, r, mu, bonus, np.random.default_rng(seed))
    np.testing.assert_allclose(run.optimum - run.regret, plain, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_ucb_q(seed, scale):
    P, r, mu = world(seed)
    iota, rng = math.log(4 * S * A * H * K / DELTA), np.random.default_rng(seed)
    q, n, values = np.full((H, S, A), float(H)), np.zeros((H, S, A)), []
    for _ in range(K):
        values.append(value_of(P, r, mu, q.argmax(axis=2)))
        for t, s, a, y in episode(P, mu, lambda t, s: q[t, s].argmax(), rng):
            n[t, s, a] += 1
            alpha, after = (H + 1) / (H + n[t, s, a]), min(H, q[t + 1, y].max()) if t < H - 1 else 0
            bonus = scale * math.sqrt(H**3 * iota / n[t, s, a])
            q[t, s, a] = (1 - alpha) * q[t, s, a] + alpha * (r[t, s, a] + after + bonus)
    run = ucb_q(FiniteHorizonMDP(P, r, H=H, mu=mu), K, delta=DELTA, radius=Scaled(scale), rng=seed)
    np.testing.assert_allclose(run.optimum - run.regret, values, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_mvp_with_one_kernel_for_all_steps(seed):
    P, r, mu = world(seed)
    scale, iota = 0.002, math.log(200 * S * A * H**2 * K**2 / DELTA)
    rng, seen, values = np.random.default_rng(seed), [[[] for _ in range(A)] for _ in range(S)], []
    for _ in range(K):
        q, after = np.full((H, S, A), float(H)), np.zeros(S)
        for t in reversed(range(H)):
            for s in range(S):
                for a in range(A):
                    if seen[s][a]:
                        sample = after[seen[s][a][: 2 ** int(math.log2(len(seen[s][a])))]]
                        n, spread = len(sample), sample.std()
                        bonus = 460 / 9 * spread * math.sqrt(iota / n) + 544 / 9 * H * iota / n
                        q[t, s, a] = min(H, r[t, s, a] + sample.mean() + scale * bonus)
            after = q[t].max(axis=1)
        policy = q.argmax(axis=2)
        values.append(value_of(P, r, mu, policy))
        for _, s, a, y in episode(P, mu, lambda t, s, policy=policy: policy[t, s], rng):
            seen[s][a].append(y)
    model = FiniteHorizonMDP(P, r, H=H, mu=mu)
    run = mvp(model, K, delta=DELTA, radius=Scaled(scale), homogeneous=True, rng=seed)
    np.testing.assert_allclose(run.optimum - run.regret, values, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_mvp(seed):
    P, r, mu = world(seed)
    scale, iota = 0.002, math.log(200 * S * A * H**2 * K**2 / DELTA)
    rng, seen = np.random.default_rng(seed), [[[[] for _ in range(A)] for _ in range(S)] for _ in range(H)]
    values = []
    for _ in range(K):
        q, after = np.full((H, S, A), float(H)), np.zeros(S)
        for t in reversed(range(H)):
            for s in range(S):
                for a in range(A):
                    history = seen[t][s][a]
                    if history:
                        end = 2 ** int(math.log2(len(history)))
                        sample = after[history[end // 2 : end]]
                        n, spread = len(sample), sample.std()
                        bonus = 460 / 9 * spread * math.sqrt(iota / n) + 544 / 9 * H * iota / n
                        q[t, s, a] = min(H, r[t, s, a] + sample.mean() + scale * bonus)
            after = q[t].max(axis=1)
        policy = q.argmax(axis=2)
        values.append(value_of(P, r, mu, policy))
        for t, s, a, y in episode(P, mu, lambda t, s, policy=policy: policy[t, s], rng):
            seen[t][s][a].append(y)
    run = mvp(FiniteHorizonMDP(P, r, H=H, mu=mu), K, delta=DELTA, radius=Scaled(scale), rng=seed)
    np.testing.assert_allclose(run.optimum - run.regret, values, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("method", ["ucrl", "pinsker", "express"])
def test_explorers_without_rewards(seed, method):
    P, r, mu = world(seed)
    rng, moves, certificates = np.random.default_rng(seed), np.zeros((H, S, A, S)), []
    for k in range(K + 1):
        n = moves.sum(axis=-1)
        kernel, known = frequencies(moves), np.maximum(n, 1)
        beta = math.log(3 * S * A * H / DELTA) + S * np.log(8 * math.e * (n + 1))
        q, after = np.zeros((H, S, A)), np.zeros(S)
        for t in reversed(range(H)):
            cap = H if method == "express" else H - t
            unsure = {
                "ucrl": H * np.sqrt(beta[t] / known[t]),
                "pinsker": (H - t - 1) * np.sqrt(beta[t] / (2 * known[t])),
                "express": 0.001 * 15 * H**2 * beta[t] / known[t],
            }[method]
            growth = 1 + 1 / H if method == "express" else 1
            to_come = growth * np.cumsum(kernel[t] * after, axis=-1)[..., -1]  # in order, so that ties are the same
            q[t] = np.where(n[t] > 0, np.minimum(cap, unsure + to_come), cap)
            after = q[t].max(axis=1)
        W = mu @ after
        certificates.append(min(H, 2 * (3 * math.e * math.sqrt(W) + W) if method == "express" else 2 * W))
        policy = np.lexsort((n, -q), axis=2)[..., 0]  # the largest q, and of those the least n
        if k < K:
            for t, s, a, y in episode(P, mu, lambda t, s, policy=policy: policy[t, s], rng):
                moves[t, s, a, y] += 1
    explorer = rf_express if method == "express" else rf_ucrl
    radius = {"ucrl": Theory(), "pinsker": Data(), "express": Scaled(0.001)}[method]
    learned = explorer(FiniteHorizonMDP(P, r, H=H, mu=mu), K, delta=DELTA, radius=radius, rng=seed)
    np.testing.assert_array_equal(learned.visits, moves.sum(axis=-1))
    np.testing.assert_allclose([*learned.certificates, learned.certificate], certificates, rtol=1e-12)
