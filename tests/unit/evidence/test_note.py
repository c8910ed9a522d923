"""Signed notes: what others signed verifies here, and nothing that was touched does."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import Refused
from troth.evidence import note
from troth.evidence.verify import Invalid, Note, VerifierKey
from unit.evidence.makers import KEYS, made_keys

# The example of golang.org/x/mod/sumdb/note, where the format comes from.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
OURS = note.sign("one\n\ntwo\n", KEYS.signing)


def test_a_foreign_note_verifies() -> None:
    """A note signed by another implementation verifies with its key."""
    Note.parse(PETERS_NOTE).check(VerifierKey.parse(PETER))


def test_verifier_key_round_trip() -> None:
    """A verifier key is read and written in the same spelling, key id included."""
    assert str(VerifierKey.parse(PETER)) == PETER
    assert VerifierKey.parse(PETER).key_id.hex() == "c74f20a3"


def test_sign_and_check() -> None:
    """A text with empty lines inside is signed, and its own key verifies it."""
    parsed = Note.parse(OURS)
    parsed.check(KEYS.signing.verifier)
    assert parsed.text == "one\n\ntwo\n"


def test_other_signatures_are_ignored() -> None:
    """A line of an unknown key beside ours changes nothing, as with witnesses."""
    witness = PETERS_NOTE.splitlines()[-1]
    Note.parse(f"{OURS}{witness}\n").check(KEYS.signing.verifier)


def test_a_note_of_another_key_is_refused() -> None:
    """Nobody else's signature will do."""
    with pytest.raises(Invalid, match="not signed by the key"):
        Note.parse(OURS).check(made_keys("two").signing.verifier)


def test_a_forged_key_id_is_found_out() -> None:
    """A key made to have the same name and id still cannot make the signature verify."""
    forged = VerifierKey(name=KEYS.signing.name, public=bytes(32))
    line = OURS.rstrip("\n").rpartition(" ")
    value = base64.b64encode(forged.key_id + base64.b64decode(line[2])[4:]).decode()
    with pytest.raises(Invalid, match="does not verify"):
        Note.parse(f"{line[0]} {value}\n").check(forged)


@given(st.integers(0, len(OURS.encode()) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_found(place: int, bit: int) -> None:
    """No bit of text, name, key id or signature can change."""
    data = bytearray(OURS.encode())
    data[place] ^= 1 << bit
    with pytest.raises((Invalid, UnicodeDecodeError)):
        Note.parse(data.decode()).check(KEYS.signing.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\nsigned: me\n",
        "text\n\n\u2014 a b c\n",
        "a\tb\n\n\u2014 a AAAAAAA=\n",
    ],
)
def test_what_is_no_note(text: str) -> None:
    """Texts without signature lines, with malformed ones or with control characters are refused."""
    with pytest.raises(Invalid):
        Note.parse(text)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+c74f20a3",
        "na me+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("+AR", "+BR"),
        PETER[:-4],
        PETER + "AAAA",
        PETER.replace("PeterNeumann", "Peter"),
    ],
)
def test_what_is_no_verifier_key(key: str) -> None:
    """A key that is cut, renamed or of another kind is refused."""
    with pytest.raises(Invalid):
        VerifierKey.parse(key)


@pytest.mark.parametrize("text", ["no newline", "tab\t\n", "return\r\n", ""])
def test_texts_that_cannot_be_signed(text: str) -> None:
    """A text without its final newline or with control characters is not signed."""
    with pytest.raises(Refused):
        note.sign(text, KEYS.signing)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u00a0b", "a\x01"])
def test_names_that_no_key_bears(name: str) -> None:
    """A name that would break the signature line is refused."""
    with pytest.raises(Refused):
        made_keys(name=name)


def test_the_private_key_is_not_shown() -> None:
    """The printed form of keys names them and nothing else."""
    assert "Ed25519" not in repr(KEYS)
    assert KEYS.tombstones.hex() not in repr(KEYS)
    assert repr(KEYS.tombstones) not in repr(KEYS)
