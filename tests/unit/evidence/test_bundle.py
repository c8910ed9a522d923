"""A bundle verifies exactly when nothing in it was touched, and says where it was."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import Damaged, Refused
from troth.evidence import bundle, canonical, log, verify
from troth.evidence.memory import MemoryStorage
from troth.evidence.verify import Status, Verdict
from unit.evidence.makers import AT, KEYS, VERIFIER, entry, made_bundle, made_keys, made_log, members, zipped

KEY = KEYS.signing.verifier
LOG = made_log(2, 5, 9)
BUNDLE = made_bundle(LOG)
PARTS = members(BUNDLE)
EARLIER = list(LOG.checkpoints())[1]


def judge(data: bytes | io.BytesIO, key: str = VERIFIER, since: str = "") -> Verdict:
    """Verify bytes."""
    return verify.verify_bundle(io.BytesIO(data) if isinstance(data, bytes) else data, key=key, since=since)


def resealed(parts: dict[str, bytes]) -> io.BytesIO:
    """Zip changed members with a manifest that fits them, as a careful forger would."""
    content = {name: data for name, data in parts.items() if name != verify.MANIFEST}
    listed = json.loads(PARTS[verify.MANIFEST])
    listed["sha256"] = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    listed["entries"] = content[verify.ENTRIES].count(b"\n")
    listed["checkpoints"] = content[verify.CHECKPOINTS].count(b"\n")
    return zipped({**content, verify.MANIFEST: canonical.encode(listed) + b"\n"})


def changed(name: str, change: Callable[[list[bytes]], list[bytes]]) -> io.BytesIO:
    """Return the bundle with the lines of one member changed and the manifest made to fit."""
    lines = change(PARTS[name].splitlines(keepends=True))
    return resealed({**PARTS, name: b"".join(lines)})


def line(data: bytes, index: int) -> bytes:
    """Return an entry line whose own hash fits."""
    return b'{"entry":%b,"hash":"%b","index":%d}\n' % (data, verify.leaf_hash(data).hex().encode(), index)


def test_verified() -> None:
    """With the key and an earlier checkpoint a whole bundle is verified, and the remarks say of what."""
    verdict = judge(BUNDLE, since=EARLIER)
    assert (verdict.status, verdict.exit_code) == (Status.VERIFIED, 0)
    assert "9 entries, 3 signed checkpoints" in verdict.remarks[0]
    assert "first 5 entries" in verdict.remarks[1]


def test_without_a_key_it_is_only_consistent() -> None:
    """Without a pinned key the verdict is internally consistent and no more."""
    verdict = judge(BUNDLE, key="")
    assert (str(verdict).splitlines()[0], verdict.exit_code) == ("internally consistent", 0)
    assert any("no key was pinned" in remark for remark in verdict.remarks)


def test_without_an_earlier_checkpoint_it_says_so() -> None:
    """A verdict without an earlier checkpoint names what it could not see."""
    assert any("no earlier checkpoint" in remark for remark in judge(BUNDLE).remarks)


def test_the_same_log_makes_the_same_bytes() -> None:
    """Exporting twice gives the same file, bit for bit."""
    assert made_bundle(made_log(2, 5, 9)) == BUNDLE


def test_an_empty_log_can_be_verified() -> None:
    """A log without entries has a checkpoint of size zero, which verifies; as a pin it is named as worthless."""
    storage = MemoryStorage()
    empty = log.checkpoint(storage, KEYS.signing, AT)
    assert judge(made_bundle(storage)).status is Status.VERIFIED
    assert any("pins nothing" in remark for remark in judge(BUNDLE, since=empty).remarks)


def test_entries_after_the_last_checkpoint_are_left_out() -> None:
    """An export ends with the last checkpoint; what no signature covers is not in it."""
    storage = made_log(3)
    log.append(storage, entry(3))
    assert PARTS[verify.ENTRIES].count(b"\n") == 9
    assert members(made_bundle(storage))[verify.ENTRIES].count(b"\n") == 3


def test_a_log_without_checkpoint_is_not_exported() -> None:
    """Nothing signed, nothing to export."""
    with pytest.raises(Refused):
        made_bundle(MemoryStorage())


def test_entries_and_checkpoints_must_fit_when_written() -> None:
    """Writing entries that the last checkpoint does not cover is damage."""
    with pytest.raises(Damaged, match="covers 9 entries"):
        bundle.write(io.BytesIO(), entries=[entry(0).encode()], checkpoints=LOG.checkpoints(), key=KEY)


@given(st.sampled_from(sorted(PARTS)), st.data())
def test_any_flipped_bit_of_the_content_is_found(name: str, draw: st.DataObject) -> None:
    """Whichever bit of whichever member is flipped, the bundle no longer verifies, with or without the key."""
    data = bytearray(PARTS[name])
    place = draw.draw(st.integers(0, len(data) - 1))
    data[place] ^= 1 << draw.draw(st.integers(0, 7))
    spoilt = zipped({**PARTS, name: bytes(data)})
    for key in (VERIFIER, ""):
        verdict = judge(spoilt, key=key)
        assert verdict.exit_code in (1, 2)
        assert verdict.problem


@given(st.sampled_from([verify.ENTRIES, verify.CHECKPOINTS, verify.KEY]), st.data())
def test_a_forger_who_mends_the_manifest_is_found(name: str, draw: st.DataObject) -> None:
    """A flipped bit is found too when the manifest was made to fit it."""
    data = bytearray(PARTS[name])
    data[draw.draw(st.integers(0, len(data) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    assert judge(resealed({**PARTS, name: bytes(data)})).exit_code in (1, 2)


@pytest.mark.parametrize("place", range(9))
def test_a_flipped_byte_in_the_file_names_its_entry(place: int) -> None:
    """A byte changed in the zip itself, its CRC left as it was, names the entry it belongs to."""
    spot = BUNDLE.index(entry(place).encode()) + 40
    data = BUNDLE[:spot] + bytes([BUNDLE[spot] ^ 1]) + BUNDLE[spot + 1 :]
    verdict = judge(data)
    assert verdict.exit_code == 1
    assert verdict.problem.startswith(f"entry {place} (line {place + 1} of entries.jsonl)")


@given(st.integers(0, len(BUNDLE) - 1), st.integers(1, 255))
def test_any_changed_byte_of_the_file(place: int, flip: int) -> None:
    """A changed byte anywhere in the zip is found, unless it changes nothing that the zip contains."""
    data = bytearray(BUNDLE)
    data[place] ^= flip
    if judge(bytes(data)).exit_code == 0:
        assert members(bytes(data)) == PARTS


@given(st.integers(0, len(BUNDLE) - 1))
def test_a_cut_file(length: int) -> None:
    """A file cut anywhere cannot be read, without a crash."""
    assert judge(BUNDLE[:length]).exit_code == 2


@given(st.binary(max_size=200))
def test_garbage(data: bytes) -> None:
    """What is no zip cannot be read, without a crash."""
    assert judge(data).status is Status.UNREADABLE
    assert judge(b"PK\x05\x06" + data).exit_code in (1, 2)


@pytest.mark.parametrize("place", range(9))
def test_a_dropped_entry_is_named(place: int) -> None:
    """Dropping an entry, the manifest mended, names the place where it is missing."""
    verdict = judge(changed(verify.ENTRIES, lambda lines: lines[:place] + lines[place + 1 :]))
    assert verdict.status is Status.NOT_VERIFIED
    assert f"entry {place} " in verdict.problem if place < 8 else "found 8" in verdict.problem


@pytest.mark.parametrize("place", range(8))
def test_exchanged_entries_are_named(place: int) -> None:
    """Two entries that changed places, and the manifest mended, name the first of them."""

    def swap(lines: list[bytes]) -> list[bytes]:
        return [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]

    verdict = judge(changed(verify.ENTRIES, swap))
    assert f"entry {place} " in verdict.problem
    assert "moved" in verdict.problem


@pytest.mark.parametrize(
    ("place", "named"), [(0, "checkpoint 1 "), (3, "checkpoint 2 "), (8, "checkpoint 3 ")]
)
def test_a_forged_entry_with_a_fitting_hash(place: int, named: str) -> None:
    """An entry replaced together with its hash breaks the root of the first checkpoint that covers it."""
    forged = line(entry(77).encode(), place)
    verdict = judge(changed(verify.ENTRIES, lambda lines: [*lines[:place], forged, *lines[place + 1 :]]))
    assert verdict.status is Status.NOT_VERIFIED
    assert named in verdict.problem


def test_an_added_entry_is_covered_by_nothing() -> None:
    """An entry put at the end is under no signature."""
    verdict = judge(changed(verify.ENTRIES, lambda lines: [*lines, line(entry(9).encode(), 9)]))
    assert "entry 9 and what follows is covered by no checkpoint" in verdict.problem


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"at":"x","format":"troth.entry/1","at":"y"}', "canonical"),
        (b'{"format":"troth.entry/1", "at":"y"}', "canonical"),
        (b'{"format":"something/1"}', "does not say that it is an evidence entry"),
        (b'{"format":"troth.entry/1","n":1.5}', "not whole"),
        (b'{"format":"troth.entry/1","n":99999999999999999999}', "too large"),
        (b'{"a":' + b"[" * 30_000 + b"}", "not JSON"),
    ],
    ids=lambda value: str(value[:30]),
)
def test_entries_that_are_no_entries(data: bytes, words: str) -> None:
    """Repeated keys, other spellings, other formats and hostile JSON are named with their place."""
    verdict = judge(changed(verify.ENTRIES, lambda lines: [line(data, 0), *lines[1:]]))
    assert "entry 0 (line 1 of entries.jsonl)" in verdict.problem
    assert words in verdict.problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:2], "entry 5 and what follows"),
        (
            lambda lines: [lines[1], lines[0], lines[2]],
            "checkpoint 2 (line 2 of checkpoints.jsonl): it is smaller",
        ),
        (lambda _: [], "holds no checkpoint"),
        (lambda lines: [b"{}\n", *lines], "checkpoint 1 (line 1 of checkpoints.jsonl): expected"),
        (
            lambda lines: [b'{"note":"a"}\n', *lines],
            "checkpoint 1 (line 1 of checkpoints.jsonl): it is not a signed",
        ),
        (lambda lines: [*lines[:2], lines[2][:-1]], "line 3 of checkpoints.jsonl is cut"),
        (lambda _: [b"x" * 70_000 + b"\n"], "longer than 65536"),
    ],
)
def test_checkpoints_that_do_not_fit(change: Callable[[list[bytes]], list[bytes]], words: str) -> None:
    """Checkpoints left out, moved, malformed or cut are named."""
    verdict = judge(changed(verify.CHECKPOINTS, change))
    assert verdict.status is Status.NOT_VERIFIED
    assert words in verdict.problem


def test_a_missing_checkpoint_in_the_middle_needs_the_manifest() -> None:
    """Leaving out a checkpoint in the middle is found by the manifest; the tree itself stays proven."""
    lines = PARTS[verify.CHECKPOINTS].splitlines(keepends=True)
    verdict = judge(zipped({**PARTS, verify.CHECKPOINTS: lines[0] + lines[2]}))
    assert verdict.problem == "checkpoints.jsonl is not the file that manifest.json lists"


def test_another_log_with_its_own_key() -> None:
    """A bundle that is whole but signed with another key is not verified by the pinned one."""
    verdict = judge(BUNDLE, key=str(made_keys("two").signing.verifier))
    assert verdict.problem == "key.txt: the bundle is signed with another key than the one pinned"


def test_a_key_exchanged_in_the_bundle() -> None:
    """Exchanging the key in the bundle breaks the first signature, also without a pinned key."""
    other = f"{made_keys('two').signing.verifier}\n".encode()
    verdict = judge(resealed({**PARTS, verify.KEY: other}), key="")
    assert "checkpoint 1 " in verdict.problem
    assert "not signed by the key" in verdict.problem


@pytest.mark.parametrize("sizes", [(9,), (5, 9)])
def test_a_rewritten_history_is_a_fork(sizes: tuple[int, ...]) -> None:
    """A bundle whose first entries are others than those of the earlier checkpoint is a fork."""
    verdict = judge(made_bundle(made_log(*sizes, other_from=3)), since=EARLIER)
    assert verdict.exit_code == 1
    assert verdict.problem.startswith("fork: the first 5 entries")


def test_a_restored_log_is_a_fork() -> None:
    """A log shorter than the earlier checkpoint is a fork: something was cut."""
    verdict = judge(made_bundle(made_log(2, 4)), since=EARLIER)
    assert verdict.problem.startswith("fork: the earlier checkpoint covers 5 entries, this bundle 4")


def test_a_restored_log_that_grew_again_is_a_fork() -> None:
    """A log restored to an older state and then continued is a fork, although it is long enough."""
    assert judge(made_bundle(made_log(2, 12, other_from=4)), since=EARLIER).problem.startswith("fork")


def test_the_earlier_checkpoint_may_stand_between_two() -> None:
    """The earlier checkpoint need not be in the bundle, as long as the tree was the same at its size."""
    assert judge(made_bundle(made_log(9)), since=EARLIER).status is Status.VERIFIED


def test_an_earlier_checkpoint_by_another_key() -> None:
    """An earlier checkpoint that the pinned key did not sign pins nothing and is refused."""
    foreign = log.checkpoint(made_log(), made_keys("two").signing, AT)
    assert "the earlier checkpoint: it is not signed by the key" in judge(BUNDLE, since=foreign).problem


@pytest.mark.parametrize(
    ("key", "since", "words"),
    [("rubbish", "", "the pinned key"), (VERIFIER, "rubbish", "the earlier checkpoint")],
)
def test_arguments_that_cannot_be_read(key: str, since: str, words: str) -> None:
    """A key or checkpoint that is none is told apart from a bundle that fails."""
    verdict = judge(BUNDLE, key=key, since=since)
    assert verdict.exit_code == 2
    assert words in verdict.problem


@pytest.mark.parametrize("name", verify.MEMBERS)
def test_a_missing_member(name: str) -> None:
    """A bundle without one of its files cannot be read, and the message lists what belongs there."""
    verdict = judge(zipped({key: data for key, data in PARTS.items() if key != name}))
    assert verdict.exit_code == 2
    assert name in verdict.problem


def test_a_member_too_many() -> None:
    """A file that does not belong into a bundle is refused."""
    assert judge(zipped({**PARTS, "extra.txt": b""})).exit_code == 2


def test_a_zip_bomb_is_not_unpacked() -> None:
    """A compressed member, which could be a bomb, is refused before it is read."""
    bomb = zipped({**PARTS, verify.ENTRIES: b"\n" * 50_000_000}, zipfile.ZIP_DEFLATED)
    verdict = judge(bomb)
    assert verdict.exit_code == 2
    assert "without compression" in verdict.problem


@pytest.mark.parametrize("name", [verify.README, verify.KEY, verify.MANIFEST])
def test_a_small_member_that_is_huge(name: str) -> None:
    """A member that should be small is read no further than its limit."""
    verdict = judge(zipped({**PARTS, name: b"x" * 10_000_000}))
    assert verdict.exit_code == 2
    assert name in verdict.problem


@pytest.mark.parametrize("field", ["entries", "checkpoints", "origin", "sha256"])
def test_a_manifest_that_does_not_fit(field: str) -> None:
    """Each field of the manifest is compared with the bundle."""
    listed = {**json.loads(PARTS[verify.MANIFEST]), field: 9007199254740991}
    verdict = judge(zipped({**PARTS, verify.MANIFEST: canonical.encode(listed) + b"\n"}))
    assert verdict.status is Status.NOT_VERIFIED


def test_a_newer_bundle_says_so() -> None:
    """A bundle of a later format is told apart from a damaged one."""
    listed = {**json.loads(PARTS[verify.MANIFEST]), "format": "troth.bundle/2"}
    verdict = judge(zipped({**PARTS, verify.MANIFEST: canonical.encode(listed) + b"\n"}))
    assert verdict.exit_code == 2
    assert "this verifier reads troth.bundle/1" in verdict.problem
