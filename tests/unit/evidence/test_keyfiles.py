"""Key files: made once, private, never made anew. These tests need files; they use a temporary folder."""

from __future__ import annotations

import secrets
import stat
import threading
from pathlib import Path

import pytest

from troth.errors import Damaged, Refused
from troth.evidence import keyfiles, keys
from unit.evidence.makers import KEYS, NAME, made_keys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with keys."""
    keyfiles.load_or_create(tmp_path / "keys", NAME, secrets.token_bytes)
    return tmp_path / "keys"


def test_made_on_first_use(tmp_path: Path) -> None:
    """The folder is for its owner alone, each secret too, and only the public key is for everyone."""
    made = keyfiles.load_or_create(tmp_path / "deep" / "keys", NAME, secrets.token_bytes)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in sorted((tmp_path / "deep" / "keys").iterdir())
    }
    secret = dict.fromkeys(["commitments.key", "signing.key", "tombstones.key"], 0o600)
    assert stat.S_IMODE((tmp_path / "deep" / "keys").stat().st_mode) == 0o700
    assert modes.keys() == {*secret, "signing.pub"}
    assert {name: modes[name] for name in secret} == secret
    assert (tmp_path / "deep" / "keys" / "signing.pub").read_text() == f"{made.signing.verifier}\n"


def test_the_same_keys_come_back(folder: Path) -> None:
    """A second use reads what the first one made, whatever name it gives."""
    again = keyfiles.load_or_create(folder, "other/name", secrets.token_bytes)
    first = keyfiles.load(folder)
    assert again.signing.verifier == first.signing.verifier
    assert (again.tombstones, again.commitments) == (first.tombstones, first.commitments)


@pytest.mark.parametrize("name", ["signing.key", "tombstones.key", "commitments.key"])
def test_keys_others_can_read_are_refused(folder: Path, name: str) -> None:
    """A key whose mode lets others in is refused, with the command that mends it."""
    (folder / name).chmod(0o640)
    with pytest.raises(Refused, match="0640") as refused:
        keyfiles.load(folder)
    assert refused.value.hint == f"Run: chmod 600 {folder / name}"


def test_an_open_folder_is_refused(folder: Path) -> None:
    """A folder others can enter is refused."""
    folder.chmod(0o755)
    with pytest.raises(Refused, match="0755"):
        keyfiles.load_or_create(folder, NAME, secrets.token_bytes)


@pytest.mark.parametrize("name", ["signing.key", "tombstones.key", "commitments.key"])
def test_a_lost_key_is_not_made_anew(folder: Path, name: str) -> None:
    """Once keys were complete, a missing one is a loss that a person must look at."""
    (folder / name).unlink()
    with pytest.raises(Damaged, match="missing"):
        keyfiles.load_or_create(folder, NAME, secrets.token_bytes)


@pytest.mark.parametrize("name", ["signing.key", "tombstones.key", "commitments.key", "signing.pub"])
def test_a_damaged_key_is_named(folder: Path, name: str) -> None:
    """A key file with rubbish in it is damage, not a crash."""
    (folder / name).write_bytes(b"\xff rubbish")
    with pytest.raises(Damaged):
        keyfiles.load(folder)


def test_a_pair_that_does_not_fit_is_found(folder: Path) -> None:
    """A signing key that is not the private half of the public key is refused."""
    (folder / "signing.key").write_bytes(keys.signing_pem(made_keys("other").signing))
    with pytest.raises(Damaged, match="private half"):
        keyfiles.load(folder)


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """A key file that is a symbolic link is refused."""
    (folder / "tombstones.key").rename(tmp_path / "elsewhere")
    (folder / "tombstones.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused):
        keyfiles.load(folder)


@pytest.mark.parametrize("made", [0, 1, 2, 3])
def test_an_interrupted_first_use_is_finished(tmp_path: Path, made: int) -> None:
    """When making was cut off anywhere, the next use finishes it and keeps what was there."""
    folder = tmp_path / "keys"
    keyfiles.load_or_create(folder, NAME, secrets.token_bytes)
    order = ["tombstones.key", "commitments.key", "signing.key", "signing.pub"]
    kept = {name: (folder / name).read_bytes() for name in order[:made]}
    for name in order[made:]:
        (folder / name).unlink()
    keyfiles.load_or_create(folder, NAME, secrets.token_bytes)
    assert {name: (folder / name).read_bytes() for name in kept} == kept


def test_many_first_uses_at_once(tmp_path: Path) -> None:
    """Whoever comes first makes the keys; all end with the same ones."""
    found: list[str] = []
    gate = threading.Barrier(8)

    def use() -> None:
        gate.wait()
        loaded = keyfiles.load_or_create(tmp_path / "keys", NAME, secrets.token_bytes)
        found.append(f"{loaded.signing.verifier} {loaded.tombstones.hex()} {loaded.commitments.hex()}")

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A path below a file is refused in one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot be read or written"):
        keyfiles.load_or_create(tmp_path / "file" / "keys", NAME, secrets.token_bytes)


def test_drafts_do_not_stay(folder: Path) -> None:
    """No half-written file is left beside the keys."""
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_public_key_needs_no_secret(folder: Path) -> None:
    """The verifier key can be read where the secrets cannot."""
    expected = keyfiles.load(folder).signing.verifier
    (folder / "signing.key").unlink()
    assert keyfiles.public_key(folder) == expected
    assert expected != KEYS.signing.verifier


def test_a_rotated_key_stays_under_its_id(folder: Path) -> None:
    """The new one is in use, the old one compares what was made with it."""
    before = keyfiles.load(folder)
    previous, fresh = keyfiles.rotate(folder, "tombstones", secrets.token_bytes)
    after = keyfiles.load(folder)
    assert after.all_tombstones == {fresh: after.tombstones, previous: before.tombstones}
    assert after.tombstones != before.tombstones and after.commitments == before.commitments
    assert stat.S_IMODE((folder / f"tombstones-{previous}.key").stat().st_mode) == 0o600


def test_keys_can_be_rotated_again_and_again(folder: Path) -> None:
    """Every older key stays."""
    for _ in range(3):
        keyfiles.rotate(folder, "commitments", secrets.token_bytes)
    assert len(keyfiles.load(folder).older_commitments) == 3


def test_a_destroyed_key_is_gone(folder: Path) -> None:
    """Its file is overwritten and removed; a second time there is nothing to do."""
    previous, _ = keyfiles.rotate(folder, "tombstones", secrets.token_bytes)
    assert keyfiles.destroy(folder, "tombstones", previous)
    assert not keyfiles.destroy(folder, "tombstones", previous)
    assert dict(keyfiles.load(folder).older_tombstones) == {}


def test_an_older_key_under_a_wrong_name_is_damage(folder: Path) -> None:
    """Its digests would be compared with the wrong key."""
    previous, _ = keyfiles.rotate(folder, "tombstones", secrets.token_bytes)
    (folder / f"tombstones-{previous}.key").rename(folder / "tombstones-00000000.key")
    with pytest.raises(Damaged, match="not the key its name says"):
        keyfiles.load(folder)


def test_an_id_tells_keys_apart_and_nothing_else() -> None:
    """Eight digits that are no part of the key."""
    one, other = keys.key_id(b"a" * 32), keys.key_id(b"b" * 32)
    assert one != other and len(one) == 8 and bytes.fromhex(one) not in b"a" * 32
