"""The page of the documentation that shows every theorem, false claim and remark, made from the objects themselves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from proofs_check.claims import Claim, Remark
from proofs_check.theorem import Theorem

_CITATION = re.compile(r"[a-z]+\d{4}[a-z]*\b")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def theorems_page(theorems: Iterable[Theorem] | None = None) -> str:
    """Return the documentation's page of theorems, in MyST markdown.

    Parameters
    ----------
    theorems : iterable of Theorem, optional
        By default all of `proofs_check.THEOREMS`, with all false claims and remarks.

    Returns
    -------
    str
        A section for each wing and, after the wings, for false claims and for what is not checked. In it is one section
        for each theorem, claim or remark, whose anchor is its name.

    Examples
    --------
    >>> page = theorems_page()
    >>> "(greedy-loss)=" in page, "{cite}`singh1994`" in page
    (True, True)
    """
    from proofs_check import CLAIMS, REMARKS, THEOREMS, WING_OF

    everything = theorems is None
    theorems = tuple(THEOREMS.values() if theorems is None else theorems)
    claims, remarks = (tuple(CLAIMS.values()), tuple(REMARKS.values())) if everything else ((), ())
    entries: tuple[Theorem | Claim | Remark, ...] = (*theorems, *claims, *remarks)
    names = {entry.name for entry in entries}
    wings = dict.fromkeys(WING_OF.get(theorem.name, "of no wing") for theorem in theorems)
    chapters = {
        wing_title(wing): [_section(one, names) for one in theorems if WING_OF.get(one.name, "of no wing") == wing]
        for wing in wings
    }
    chapters |= {"False claims": [_claim_section(one, names) for one in claims]}
    chapters |= {"Not checked, and why": [_remark_section(one, names) for one in remarks]}
    chapters = {title: sections for title, sections in chapters.items() if sections}
    contents = "\n".join(f"- [{title}](#{_anchor(title)}): {len(chapter)}" for title, chapter in chapters.items())
    body = "\n".join("\n".join([_chapter_head(title), *sections]) for title, sections in chapters.items())
    return f"{_PAGE_HEAD}{contents}\n\n{body}"


_PAGE_HEAD = r"""# Theorems

Every theorem on this page is an object that can be checked, and refuted: `proofs_check.verify("greedy-loss")` draws
instances, compares both sides of the inequality and looks for a counterexample, while `python -m proofs_check` does so
for all of them. The left side comes from an independent oracle; the right side is a function of the library; and a
deliberately false variant of each theorem must be refuted by the same search, or the check counts as worthless.

Throughout $0 \le \gamma < 1$, $H = 1/(1-\gamma)$, $T$ is the Bellman optimality operator and $T_\pi$ that of a policy,
$\pi_v$ is greedy for $v$, $\|\cdot\|$ is the sup norm and $\mathrm{sp}(x) = \max x - \min x$.

Theorems about goals, chains and the average reward know no discount: there $T$ is the undiscounted operator and $v^*$
the best total or probability until the goal. The gain $g$ and the bias $h$ solve $g + h = r + P h$; $P^*$ is the
limiting matrix and $D = (I - P + P^*)^{-1} - P^*$ the deviation matrix. TV is the total variation distance, half of
$L_1$.

Theorems about laws: $\eta(s)$ is the law of a return $G$ from state $s$, $\eta^\pi$ that of a policy, and there
$T_\pi$ is the distributional Bellman operator. $w_p$ is Wasserstein's distance and $\ell_2$ Cramér's; a bar is a
supremum over states. $\Pi_C$ projects on a support with cells of at most $\Delta$ and $\Pi_Q$ on $m$ equal atoms, and
$\eta_C$, $\eta_Q$ are the fixed points of projected steps. The stock follows $c' = (c + R)/\gamma$, and $V(s, c) =
\sup_\pi E f(c + G)$ over all policies, whatever they remember, as every $\max_\pi$ is and every star on a risk
measure; $V_h$ is $V$ on a grid of stocks. Larger is better, and $\tau$ is the mass of the lower tail.

Theorems about offline learning: $K$ trajectories of $H$ steps, features $\phi$ of $d$ factors, regressions with ridge
$\gamma$ and Gram matrices $\Lambda_t$. A hat is what a learner estimates, $\Gamma_t$ its penalty; $V^\pi$ and $V^*$ are
worst cases under nature's penalty or ball, and $w_t(V)$ is the worst case of each factor.

Theorems about games: $u_i(a)$ is what player $i$ receives at the joint action $a$, and $m_i$ the number of her actions;
of two players $A$ is what the row player receives, who mixes with $p$ over $m$ actions, the other with $q$ over $n$. A
gain is what a player wins by deviating alone, $x$ a mediator's law over joint actions, and $G$ has a row for each
deviation from what he says. $\lambda$ is the precision of logit responses, $\gamma$ the weight of the variance of
players who fear risk, $\epsilon$ the least probability of an action or, of quantal responses, the weight of a penalty,
$D$ the spread of payoffs, $\mu = M q$ and $\Sigma$ mean and covariance of payoffs $M$ under $q$. Learners see gains for
$T$ rounds. In games of preferences $\tau$ is the price of leaving the reference policy, and $\mathrm{br}$ the best
response. Of zero-sum Markov games $T$ is Shapley's operator, $v^{p, \cdot}$ what $p$ secures and $v^{\cdot, q}$ what
$q$ concedes.

Theorems about looking ahead: games of $H$ steps, $A$ actions. $Q^1$ is what an action is worth if all later ones are
drawn at random, $Q^{k+1}$ that with the best next action by $Q^k$. Lookahead $k$ solves a game if every policy that is
greedy for $Q^k$ is optimal; $W$ is the least lookahead that does if nothing beyond it counts.

Theorems about imitation: $\pi^e$ is the expert, $J$ the expected return of $H$ steps, $d^\pi_t$ the law of the state
at step $t$, $q^e$ what actions are worth if the expert goes on. Theorems about hardness: $A_G$ is the matrix of a graph
and $\alpha(G)$ the size of its largest independent set, $H_{\gamma,\delta} = \ln(H/\delta) / \ln\frac1\gamma$.

Theorems about estimation: $n$ or $m$ independent samples, $\delta$ the probability of failure. $\hat P$ holds relative
frequencies of all $N$ pairs, and $\hat v^*$, $\hat\pi$ are optimal for it. Episodes have $H$ steps there; $\pi$ is the
policy whose value is wanted and $b$ the one that acts, $\rho_t = \pi_t(a_t|s_t) / b_t(a_t|s_t)$, $\rho_{0:t} = \rho_0
\cdots \rho_t$, and $d_t$ are the probabilities of states or pairs at step $t$.

Theorems about bandits: $n$ rounds, $k$ arms with laws $\nu_a$, of which the best is better than arm $a$ by the gap
$\Delta_a$; $N_a$ counts pulls, $S_a$ successes of coins, and $R = \sum_a \Delta_a N_a$ is the regret. KL is relative
entropy, and kl that of two coins.

"""


_CHAPTER_HEADS = {
    "False claims": "Statements that are believed or printed, and false: each with an instance that violates it.",
    "Not checked, and why": "What no finite instance can confirm or refute, and what is checked in its place.",
}


def wing_title(wing: str) -> str:
    """Return the name of a wing as a heading.

    Parameters
    ----------
    wing : str
        Such as ``"policy_optimisation"``.

    Returns
    -------
    str

    Examples
    --------
    >>> wing_title("policy_optimisation"), wing_title("total")
    ('Policy optimisation', 'Total reward')
    """
    words = wing.replace("_", " ").capitalize()
    return f"{words} reward" if wing in ("average", "total") else words


def _anchor(title: str) -> str:
    return "chapter-" + re.sub(r"\W+", "-", title.lower())


def _chapter_head(title: str) -> str:
    lines = [f"({_anchor(title)})=", f"## {title}", ""]
    return "\n".join([*lines, *([_CHAPTER_HEADS[title], ""] if title in _CHAPTER_HEADS else [])])


def _section(theorem: Theorem, names: Collection[str]) -> str:
    tight = [] if theorem.tight_ratio is None else [f"**Tightness.** {linked(theorem.tightness_in_words, names)}"]
    return _entry(
        theorem,
        linked(theorem.statement, names),
        f"**Assumptions.** {_sentence(linked(theorem.assumptions, names))}",
        f"**Source.** {_sentence(cited(theorem.source))}",
        *tight,
        f'Check it: `proofs_check.verify("{theorem.name}")`.',
    )


def _claim_section(claim: Claim, names: Collection[str]) -> str:
    check = claim.counterexample()
    return _entry(
        claim,
        f"**False.** {linked(claim.statement, names)}",
        f"**Counterexample.** {_sentence(linked(claim.instance, names))}"
        f" Left side {check.lhs:.4g}, right side {check.rhs:.4g}.",
        f"**Instead.** {_sentence(linked(claim.lesson, names))}",
        f"**Source.** {_sentence(cited(claim.source))}",
        f'Check it: `proofs_check.CLAIMS["{claim.name}"].refuted`.',
    )


def _remark_section(remark: Remark, names: Collection[str]) -> str:
    return _entry(
        remark,
        linked(remark.statement, names),
        f"**Not checked.** {_sentence(linked(remark.reason, names))}",
        f"**Source.** {_sentence(cited(remark.source))}",
    )


def _entry(entry: Theorem | Claim | Remark, *paragraphs: str) -> str:
    return "\n\n".join([f"({entry.name})=\n### {entry.title}", *paragraphs]) + "\n"


def linked(text: str, names: Collection[str]) -> str:
    """Return a text in which names of theorems are links to them, in MyST.

    Parameters
    ----------
    text : str
    names : collection of str

    Returns
    -------
    str

    Examples
    --------
    >>> linked("as for greedy-loss, but non-negative", ["greedy-loss"])
    'as for [](#greedy-loss), but non-negative'
    """
    return _SLUG.sub(lambda slug: f"[](#{slug.group()})" if slug.group() in names else slug.group(), text)


def cited(source: str) -> str:
    """Return a source with its bibliography keys as citations of MyST.

    Parameters
    ----------
    source : str

    Returns
    -------
    str

    Examples
    --------
    >>> cited("puterman2005, section 6.6")
    '{cite}`puterman2005`, section 6.6'
    """
    return _CITATION.sub(lambda key: f"{{cite}}`{key.group()}`", source)


def citations(entries: Iterable[Theorem | Claim | Remark]) -> set[str]:
    """Return the bibliography keys that theorems, claims and remarks cite.

    Parameters
    ----------
    entries : iterable of Theorem, Claim or Remark

    Returns
    -------
    set of str
    """
    return {key for entry in entries for key in _CITATION.findall(entry.source)}


def _sentence(text: str) -> str:
    """Begin with a capital unless with mathematics or a citation, and end with a full stop."""
    return f"{text[0].upper()}{text[1:].removesuffix('.')}."
