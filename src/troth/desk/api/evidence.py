"""The evidence log: entries, proofs that they are in what was signed, and the bundle an auditor verifies."""

from datetime import datetime
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest
from ninja import Query, Router, Schema

from troth.app.systems import evidence as api_evidence
from troth.app.systems.evidence import Numbered, Signed
from troth.desk import here
from troth.desk.api.caller import Bearer
from troth.desk.api.problem import Stop

router = Router(tags=["evidence"])
MOST = 1_000


class Entry(Schema):
    """One entry; its fields are those of its kind."""

    index: int
    at: datetime
    kind: str
    body: dict[str, Any]
    leaf: str
    """SHA-256 under which the tree knows it, hexadecimal (RFC 9162 §2.1.1)."""


class Entries(Schema):
    """A page of entries."""

    entries: list[Entry]
    size: int
    """Entries of the whole log."""
    next: int | None
    """Give it as `start` for the next page; nothing on the last one."""


class Checkpoint(Schema):
    """A signed checkpoint (C2SP tlog-checkpoint)."""

    note: str
    size: int
    root: str
    """Hexadecimal."""
    key: str
    """The public key that signed it; get it by another way too."""


class ProvenEntry(Entry):
    """An entry with its proof of inclusion (RFC 9162 §2.1.3) in what the checkpoint signed."""

    proof: list[str]
    checkpoint: Checkpoint


@router.get("", response=Entries, auth=Bearer("evidence:read"), operation_id="listEvidence")
def list_evidence(
    request: HttpRequest,
    start: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Entries:
    """List entries from a number on, in order."""
    del request
    page = api_evidence.entries(start, here.place(), limit=limit)
    end = start + len(page.entries)
    more = end < page.size and page.entries
    return Entries(entries=[_entry(one) for one in page.entries], size=page.size, next=end if more else None)


@router.get("/checkpoint", response=Checkpoint, auth=Bearer("evidence:read"), operation_id="readCheckpoint")
def read_checkpoint(request: HttpRequest) -> Checkpoint:
    """Return a signed checkpoint of all there is. Keep it: it shows later that nothing was changed or lost."""
    del request
    return _checkpoint(api_evidence.signed(here.place()))


@router.get(
    "/bundle",
    auth=Bearer("evidence:read"),
    operation_id="readBundle",
    openapi_extra={
        "responses": {
            200: {
                "description": "A zip",
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def read_bundle(request: HttpRequest) -> FileResponse:
    """Download the bundle: everything up to now, with what is needed to verify it alone."""
    del request
    file = api_evidence.bundled(here.place())
    return FileResponse(file, as_attachment=True, filename="evidence.zip", content_type="application/zip")


@router.get("/{int:index}", response=ProvenEntry, auth=Bearer("evidence:read"), operation_id="readEvidence")
def read_evidence(request: HttpRequest, index: int) -> ProvenEntry:
    """Return an entry with the proof that it is in what was signed."""
    del request
    found = api_evidence.proven(index, here.place())
    if found is None:
        raise Stop("not-found", "The evidence log has no entry of this number.")
    return ProvenEntry(
        **_entry(found.entry).model_dump(),
        proof=[one.hex() for one in found.proof],
        checkpoint=_checkpoint(found.signed),
    )


def _entry(one: Numbered) -> Entry:
    body = {name: list(v) if isinstance(v, tuple) else v for name, v in one.entry.body.items()}
    return Entry(index=one.index, at=one.entry.at, kind=one.entry.kind, body=body, leaf=one.leaf.hex())


def _checkpoint(seal: Signed) -> Checkpoint:
    return Checkpoint(note=seal.note, size=seal.size, root=seal.root.hex(), key=seal.key)
