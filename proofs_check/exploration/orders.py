"""Orders of regret as they are published, and the theorem with constants that is nearest to each."""

from proofs_check.claims import Remark

REMARKS = (
    Remark(
        name="ucbvi-published-regret",
        statement=(
            r"UCBVI loses $20 H^{3/2} L \sqrt{SAK} + 250 H^2 S^2 A L^2$ at most with bonuses of Hoeffding's kind, and"
            r" $30 H L \sqrt{SAK} + 2500 H^2 S^2 A L^2 + 4 H^{3/2} \sqrt{KL}$ with Bernstein's, $L = \ln(5 H S A T /"
            r" \delta)$ and $T = HK$, with probability $1 - \delta$."
        ),
        source="azar2017, theorems 1 and 2",
        reason=(
            "for two states, actions and steps the bounds are below HK only from some five and some 33 million"
            " episodes on, so that no run could break even a small part of them. Of the same learner with the least"
            " bonus for which it is an optimist, ucbvi-regret is checked, which says something from some thousand"
            " episodes on"
        ),
    ),
    Remark(
        name="ucrl-regret-in-episodes",
        statement=(
            r"UCRL loses at most $4 c H \sqrt{SAHK} + 2 c H^2 S A + 3 H \sqrt{\frac12 H K \ln(1/\delta)}$ in K"
            r" episodes, $c = \sqrt{2 S \ln 2 + \ln(HK(HK+1)SA/\delta)}$, with probability $1 - 3\delta$."
        ),
        source="szepesvari2022, lecture 23",
        reason=(
            "its sets of kernels, balls in the norm of sums, are kept by no learner of episodes here, and the union of"
            " Weissman's inequality over pairs and counts asks for twice the logarithm in c. ucbvi-regret is for a"
            " smaller bonus and has smaller constants"
        ),
    ),
    Remark(
        name="ucrl-vtr-order",
        statement=(
            r"UCRL-VTR loses $O(d H^2 \sqrt K \ln K)$ where the mixture changes with the step, with high probability."
        ),
        source="ayoub2020; szepesvari2022, lecture 24",
        reason="an order has no number; vtr-regret has all constants",
    ),
    Remark(
        name="lsvi-ucb-order",
        statement=r"LSVI-UCB loses $\tilde O(\sqrt{d^3 H^4 K})$ with high probability, for any number of states.",
        source="jin2020, theorem 3.1",
        reason=(
            "it is proven with a covering of values whose logarithm is of the order of the squared dimension, and"
            " with constants that are not named. For finitely many states lsvi-ucb-regret has all constants"
        ),
    ),
    Remark(
        name="mvp-order",
        statement=(
            r"Monotonic value propagation loses $\tilde O(\sqrt{SAK} + S^2 A)$ with high probability if an episode"
            r" pays 1 at most and one kernel rules all steps, whatever H, and $\tilde O(\min\{\sqrt{S A H^3 K}, HK\})$"
            r" if kernels change and a step pays 1 at most."
        ),
        source="zhang2021mvp; Zhang, Chen, Lee and Du (2024)",
        reason=(
            "the constants of the bonus are such that nothing is learned in as many episodes as a laptop plays, and"
            " those of the regret are not named. The lemma on which both rest, mvp-monotonicity, is checked"
        ),
    ),
    Remark(
        name="linear-lower-order",
        statement=(
            r"No learner of linear mixtures that change with the step loses less than $\Omega(d H^{3/2} \sqrt K)$."
        ),
        source="zhou2021; szepesvari2022, lecture 24",
        reason="an order has no number; hard-mixture-steps-regret has one, and the family on which it holds",
    ),
    Remark(
        name="tabular-lower-order",
        statement=r"No learner of tables with one kernel for all steps loses less than $\Omega(\sqrt{H^2 S A K})$.",
        source="jaksch2010; azar2017",
        reason="an order has no number; needle-regret has one, and the family on which it holds",
    ),
)
