from benchmarks.sweep import time_pairs


def test_both_pools_run_the_sweep():
    pairs = time_pairs(seeds=2, episodes=10, pairs=2)
    assert len(pairs) == 2
    assert all(one > 0 and many > 0 for one, many in pairs)
