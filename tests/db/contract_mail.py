"""Harness of the contract for mailboxes: a maildir with a folder in it, an mbox, a single message."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from db.contract import ADA, BEN, CEM, EMAIL, Human, manifest
from db.contract_files import now, tree, way
from troth.apply.people import PeopleStore
from troth.catalog.datamap import Dataset, Store
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.plan.model import Blank
from troth.plan.predicates import either
from troth.rights.model import EraseFields, EraseRows, ErasureStep, Scrub
from troth.stores import mail

DATASET = "post.messages"
WAYS = {
    DATASET: (way(EMAIL, "from", "sender"), way(EMAIL, "to", "recipient"), way(EMAIL, "cc", "copied")),
}
_BY = either(WAYS[DATASET][0].where, WAYS[DATASET][1].where)
_ERASED = '"[erased]" <erased@erased.invalid>'
HOUSE = "Support <support@shop.example>"


def _address(human: Human) -> str:
    return f'"{human.name}" <{human.email.title()}>'


def _mail(sender: str, to: str, body: str, *more: str) -> bytes:
    lines = (
        f"From: {sender}",
        f"To: {HOUSE},",
        f"  {to}",
        *more,
        "Subject: An =?utf-8?q?Eink=C3=A4ufe?= order",
        "Date: Fri, 02 Jan 2026 10:00:00 +0100",
        "",
        body,
        "",
    )
    return "\r\n".join(lines).encode()


def _packed(to: str, copied: str, text: str) -> bytes:
    """Make a mail of parts: a packed text, a text attached, a picture."""
    parts = (
        "Content-Type: multipart/mixed; boundary=b0",
        "",
        "preamble",
        "--b0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        base64.b64encode(text.encode()).decode(),
        "--b0",
        "Content-Type: text/csv; name=list.csv",
        "Content-Disposition: attachment; filename=list.csv",
        "",
        "1,2",
        "--b0--",
        "epilogue",
    )
    head = f"From: {_address(CEM)}\r\nTo: {to}\r\nCc: {copied}\r\nSubject: three of us\r\n"
    return (head + "\r\n".join(parts)).encode()


def _files(ada: str, email: str, name: str) -> dict[str, bytes]:
    """Write every file with what is shown of Ada in mails that stay."""
    ben, cem = _address(BEN), _address(CEM)
    shared = _mail(ben, f"{ada}, {cem}", f"Dear {name}, is it {email} or {BEN.email}?", f"X-Copy: {email}")
    theirs = _mail(ben, cem, "Dear Cem, all is well.").replace(b"all", b"\xff\xfe")
    hers = _mail(_address(ADA), HOUSE, "I am angry.")
    house = _mail(HOUSE, _address(ADA), "Dear Ada, sorry.")
    box = (
        b"From ada Fri Jan  2 10:00:00 2026\n" + hers.replace(b"\r\n", b"\n") + b"\n",
        b"From ben@example.net Fri Jan  2 10:00:00 2026\n"
        + theirs.replace(b"\r\n", b"\n")
        + b"\nFrom here on it is text, not a mail.\n\n",
        b"From ben@example.net Fri Jan  2 10:00:00 2026\n" + shared.replace(b"\r\n", b"\n") + b"\n",
    )
    gone = email != ADA.email
    files = {
        "Maildir/cur/1.a:2,S": hers,
        "Maildir/new/2.b": shared,
        "Maildir/cur/3.c:2,": theirs,
        "Maildir/.Sent/cur/4.d:2,RS": house,
        "Maildir/cur/5.e:2,S": _packed(f"friends: {ben};", ada, f"Hello {name}, hello Ben"),
        "Maildir/dovecot.index": b"\x00\x01index",
        "archive.mbox": b"".join(box[1:] if gone else box),
        "one.eml": _mail(cem, ben, "Just us."),
    }
    return {path: data for path, data in files.items() if not gone or data not in (hers, house)}


@dataclass(frozen=True)
class MailHarness:
    """Mailboxes of three kinds."""

    folder: Path
    name: str = "post"
    records: int = 6
    ways: Mapping[str, tuple[Way, ...]] = field(default_factory=lambda: WAYS)
    steps: tuple[tuple[int, ErasureStep], ...] = (
        (
            4,
            EraseFields(
                id=DATASET,
                dataset=DATASET,
                why="detach",
                changes=(Blank(column="cc"), Scrub(column="subject"), Scrub(column="body")),
                where=WAYS[DATASET][2].where,
                promises=("erasure",),
            ),
        ),
        (5, EraseRows(id=DATASET, dataset=DATASET, where=_BY, promises=("erasure",))),
    )
    rows: Mapping[int, int] = field(default_factory=lambda: {4: 1, 5: 5})
    nooks: Mapping[str, str] = field(
        default_factory=lambda: {
            "a body": "found",
            "a packed body": "found",
            "a header": "found",
            "an attached text": "found",
            "a picture": "unlooked",
            "a file name": "found",
            "an mbox": "found",
        }
    )

    @property
    def _post(self) -> Path:
        return self.folder / "post"

    def fill(self) -> None:
        """Make the mailboxes anew."""
        shutil.rmtree(self._post, ignore_errors=True)
        for folder in ("Maildir", "Maildir/.Sent"):
            for name in ("cur", "new", "tmp"):
                (self._post / folder / name).mkdir(parents=True)
        for path, data in _files(_address(ADA), ADA.email, ADA.name).items():
            (self._post / path).write_bytes(data)

    def opened(self) -> AbstractContextManager[PeopleStore]:
        """Open them."""
        declared = Store(files="post/**", kind="mail")
        return mail.opened(self.name, declared, {DATASET: Dataset(free_text=("body",))}, self.folder, now)

    def manifest(self, *people: Human) -> Manifest:
        """Return the manifest of some people."""
        return manifest(*people)

    def everything(self) -> object:
        """Read every file."""
        return tree(self._post)

    def after(self) -> object:
        """Return the files without Ada."""
        return dict(sorted(_files(_ERASED, "[erased]", "[erased]").items()))

    def plant(self, text: str, nook: str) -> None:
        """Put a text where no step looks."""
        packed = base64.b64encode(f"psst: {text}".encode()).decode()
        plain = _mail(_address(BEN), _address(CEM), "nothing")
        attached = f'Content-Type: {{}}\r\nContent-Disposition: attachment; filename="a"\r\n\r\n{text}'
        made = {
            "a body": _mail(_address(BEN), _address(CEM), f"psst: {text}"),
            "a packed body": b"Content-Transfer-Encoding: base64\r\n\r\n" + packed.encode(),
            "a header": _mail(_address(BEN), _address(CEM), "", f"X-Note: =?utf-8?b?{packed}?="),
            "an attached text": attached.format("text/x-log").encode(),
            "a picture": attached.format("image/png").encode(),
            "an mbox": b"From ben Fri Jan  2 10:00:00 2026\nSubject: hi\n\n" + f"psst {text}\n".encode(),
        }
        if nook == "a file name":
            (self._post / f"{text}.eml").write_bytes(plain)
        elif nook == "an mbox":
            with (self._post / "archive.mbox").open("ab") as file:
                file.write(made[nook])
        else:
            (self._post / "Maildir" / "cur" / "9.z:2,").write_bytes(made[nook])

    def plant_beside(self, text: str) -> None:
        """Let Ben write of somebody."""
        made = _mail(_address(BEN), HOUSE, f"I know {text}.")
        (self._post / "Maildir" / "cur" / "8.y:2,").write_bytes(made)

    def obstruct(self) -> None:
        """Let another program hold the mailbox for good."""
        (self._post / "archive.mbox.lock").write_text("1\n")
