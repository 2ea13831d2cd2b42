"""Whatever is done to a file, reading it gives a ModelError or the model that it says, and a model comes back exactly.

What a damaged file says is read here a second time, by a few lines of Python that check nothing.
"""

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from mdps.strategies import discounted_mdps
from rltheory.io import read_drn, read_prism, write_drn, write_prism
from rltheory.models import ModelError

READ = {"tra": read_prism, "drn": read_drn}
WRITE = {"tra": write_prism, "drn": write_drn}
WORDS = st.from_regex(r"[a-z_][a-z0-9_]{0,4}", fullmatch=True)
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=6)
JUNK = (
    "0", "1", "2", "-1", "0.5", "1/3", "nan", "1e999", "1e-400", "99999999999999999999", "#", "//", ":", "[", "]", '"',
    "$x", "@nr_states", "@model", "state", "action", "init", "mdp", "dtmc", "\0", "é", "\x85", "\x1c", "1_0", "0x1",
)  # fmt: skip


@st.composite
def models(draw):
    """Draw a model that starts in some of its states, all as likely, with or without names, and labels."""
    mdp = draw(discounted_mdps(gammas=(0.9,)))
    starts = draw(st.sets(st.integers(0, mdp.n_states - 1), min_size=1))
    mu = np.zeros(mdp.n_states)
    mu[sorted(starts)] = 1 / len(starts)
    per_pair = st.lists(WORDS, min_size=mdp.n_pairs, max_size=mdp.n_pairs)
    per_action = st.lists(WORDS, min_size=mdp.n_actions, max_size=mdp.n_actions)
    names = st.lists(LINES, min_size=mdp.n_states, max_size=mdp.n_states)
    variables = st.just([f"x={s},y=true" for s in range(mdp.n_states)])
    labels = draw(st.dictionaries(WORDS, st.sets(st.integers(0, mdp.n_states - 1)).map(sorted), max_size=2))
    return mdp.replace(
        mu=mu,
        action_names=draw(st.none() | per_pair | per_action),
        state_names=draw(st.none() | variables | names),
    ), {name: np.array(states, dtype=int) for name, states in labels.items() if states and name != "init"}


def facts(mdp, labels):
    """Return all that a file keeps of a model, bit by bit."""
    return {
        "P": (mdp.P.indptr.tolist(), mdp.P.indices.tolist(), mdp.P.data.tobytes()),
        "r": mdp.r.tobytes(),
        "start": (mdp.pair_start.tolist(), mdp.mu.tobytes()),
        "actions": [mdp.action_name(s, a) for s, n in enumerate(mdp.action_counts) for a in range(n)],
        "states": mdp.state_names,
        "labels": {name: states.tolist() for name, states in sorted(labels.items())},
    }


def words_of(data, comment):
    """Return the words of each line that is neither blank nor a comment."""
    lines = [line.split() for line in re.split(rb"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf"))]
    return [words for words in lines if words and not words[0].startswith(comment)]


def number(word):
    numerator, _, denominator = word.decode().partition("/")
    return int(numerator) / int(denominator) if denominator else float(numerator)


def said_by_prism(path):
    """Return what files say: {(state, action, target): probability}, {(state, action): reward}, {label: states}."""
    first, *lines = words_of(path.read_bytes(), b"#")
    chain = first == [b"dtmc"] or len(first) == 2
    lines = [[words[0], b"0", *words[1:]] if chain else words for words in lines]
    law = {tuple(map(int, words[:3])): number(words[3]) for words in lines}
    rewards = dict.fromkeys((key[:2] for key in law), 0.0)
    for *where, r in words_of(path.with_suffix(".trew").read_bytes(), b"#")[1:]:
        state, target, action = int(where[0]), int(where[-1]), 0 if chain else int(where[1])
        rewards[state, action] += law[state, action, target] * number(r)
    if path.with_suffix(".srew").exists():
        for state, r in words_of(path.with_suffix(".srew").read_bytes(), b"#")[1:]:
            for key in rewards:
                rewards[key] += number(r) if key[0] == int(state) else 0
    declared, *lines = words_of(path.with_suffix(".lab").read_bytes().replace(b":", b" "), b"#")
    names = re.findall(r'"([^"]*)"', b" ".join(declared).decode())
    has = {(names[int(label)], int(words[0])) for words in lines for label in words[1:]}
    return {key: p for key, p in law.items() if p > 0}, rewards, has


def said_by_drn(path):
    """Return what a file says: {(state, action, target): probability}, {(state, action): reward}, {label: states}."""
    law, rewards, has, state, action = {}, {}, set(), -1, -1
    lines = words_of(path.read_bytes(), b"//")
    begin = next(i for i, words in enumerate(lines) if words[0] == b"@model")
    for words in lines[begin + 1 :]:
        brackets, labels = re.fullmatch(r"(?:\[(.*?)\])? ?(.*)", b" ".join(words[2:]).decode()).groups()
        if words[0] == b"state":
            state, action, of_state = state + 1, -1, number(brackets.encode()) if brackets else 0.0
            has |= {(quoted or bare, state) for quoted, bare in re.findall(r'"([^"]+)"|(\S+)', labels, re.ASCII)}
        elif words[0] == b"action":
            action += 1
            rewards[state, action] = of_state + (number(brackets.encode()) if brackets else 0.0)
        else:
            law[state, action, int(words[0])] = number(words[2])
    return {key: p for key, p in law.items() if p > 0}, rewards, has


SAID = {"tra": said_by_prism, "drn": said_by_drn}


def said_by_model(mdp, labels):
    """Return the same of a model."""
    pair, target = mdp.P.nonzero()
    pairs = [(s, a) for s, n in enumerate(mdp.action_counts.tolist()) for a in range(n)]
    keys = [(*pairs[row], s2) for row, s2 in zip(pair.tolist(), target.tolist(), strict=True)]
    starts = {("init", s) for s in np.flatnonzero(mdp.mu).tolist()}
    has = {(name, s) for name, states in labels.items() for s in states.tolist()}
    rewards = dict(zip(pairs, mdp.r.tolist(), strict=True))
    return dict(zip(keys, mdp.P.data.tolist(), strict=True)), rewards, has | starts


@st.composite
def damages(draw, data):
    """Draw what is left of a file after one to three accidents."""
    for _ in range(draw(st.integers(1, 3))):
        accident = draw(
            st.sampled_from(["flip", "truncate", "delete", "repeat", "exchange", "swap", "insert", "change"])
        )
        lines, parts = data.split(b"\n"), re.split(rb"(\s+)", data)
        line, part = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(parts) - 1))
        position = draw(st.integers(0, max(len(data) - 1, 0)))
        junk = draw(st.sampled_from(JUNK)).encode()
        if accident == "flip" and data:
            flipped = data[position] ^ draw(st.integers(1, 255))
            data = data[:position] + bytes([flipped]) + data[position + 1 :]
        elif accident == "truncate":
            data = data[:position]
        elif accident == "delete":
            data = b"\n".join(lines[:line] + lines[line + 1 :])
        elif accident == "repeat":
            data = b"\n".join(lines[: line + 1] + lines[line:])
        elif accident == "exchange":
            other = draw(st.integers(0, len(lines) - 1))
            lines[line], lines[other] = lines[other], lines[line]
            data = b"\n".join(lines)
        elif accident == "swap":
            other = draw(st.integers(0, len(parts) - 1))
            parts[part], parts[other] = parts[other], parts[part]
            data = b"".join(parts)
        elif accident == "insert":
            data = data[:position] + junk + data[position:]
        else:
            parts[part] = junk
            data = b"".join(parts)
    return data


@pytest.mark.parametrize("ending", READ)
@given(drawn=models())
def test_a_model_comes_back_bit_by_bit(ending, drawn):
    mdp, labels = drawn
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"model.{ending}")
        WRITE[ending](path, mdp, labels)

        assert facts(*READ[ending](path, gamma=0.9)) == facts(mdp, labels)


@pytest.mark.parametrize("ending", ["tra", "lab", "trew", "srew", "sta", "drn"])
@given(drawn=models(), data=st.data())
def test_a_damaged_file_is_refused_or_read_as_what_it_says(ending, drawn, data):
    mdp, labels = drawn
    main = ending if ending in READ else "tra"
    with tempfile.TemporaryDirectory() as folder:
        path, damaged = Path(folder, f"model.{main}"), Path(folder, f"model.{ending}")
        WRITE[main](path, mdp, labels)
        if ending == "srew":
            damaged.write_text(
                f"{mdp.n_states} {mdp.n_states}\n" + "".join(f"{s} {s / 3}\n" for s in range(mdp.n_states))
            )
        whole = damaged.read_bytes() if damaged.exists() else b"(x)\n0:(1)\n"
        left = data.draw(damages(whole), label="left")
        damaged.write_bytes(left)
        found, refusal = None, ""
        try:
            found = READ[main](path, gamma=0.9)
        except ModelError as error:
            refusal = str(error)
        note(refusal)
        if found is None:
            assert f"model.{ending}" in refusal or "model.tra" in refusal
            return
        law, rewards, has = SAID[main](path)
        assert said_by_model(*found) == (law, pytest.approx(rewards, rel=1e-8, abs=1e-8), has)
        again = Path(folder, f"again.{main}")
        WRITE[main](again, *found)

        assert facts(*READ[main](again, gamma=0.9)) == facts(*found)
