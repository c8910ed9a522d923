"""Which files a store has: a path pattern with wildcards and placeholders, and a walk that never leaves its folder.

`*` and `?` stand within one name, `**` for any folders, `[ab]` for one of some letters, `{customer.id}` for part of
a name that becomes the column `customer_id`. Values are never put into a path: the folder is listed and names are
compared, so that no value can lead anywhere else. Symbolic links are not followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.errors import StoreError

OURS = ".troth-"
"""How the names of files begin that Troth itself writes beside the data."""
_WILD = re.compile(r"[*?\[{]")
_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|\{(?P<name>[^{}/]+)\}|[^*?\[{]+|.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One file (or folder) that a pattern matches."""

    number: int
    """From 1, in the order of the walk: how it is named outside."""
    path: Path
    relative: str
    """From the folder of the pattern, with `/`; may hold somebody's identity."""
    values: Mapping[str, str]
    """What stands in the place of each placeholder."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A pattern taken apart."""

    text: str
    base: Path
    """The folder before the first wildcard; nothing outside is ever touched."""
    names: tuple[str, ...]
    """Placeholders as columns, in order."""
    expression: re.Pattern[str]
    depth: int | None
    """How many folders down anything can match; no bound where `**` stands."""
    owned: re.Pattern[str] | None
    """Folders that are somebody's: the pattern up to the first name with a placeholder."""

    def match(self, relative: str) -> Mapping[str, str] | None:
        """Return what stands in place of each placeholder, or None where the pattern does not match."""
        found = self.expression.fullmatch(relative)
        if found is None:
            return None
        return {name: found[f"p{number}"] for number, name in enumerate(self.names)}


def parse(text: str, folder: Path, store: str) -> Pattern:
    """Take a pattern apart.

    Args:
        text: As the data map has it, relative to the project's folder.
        folder: The project's folder.
        store: Name of the store, for messages.

    Raises:
        StoreError: the pattern is empty, or the folder it begins with is not there.
    """
    if not text.strip():
        raise StoreError(
            f"Store `{store}`: expected a path pattern, found none.",
            hint='Write `files: "folder/*"` in the data map.',
        )
    fixed, wild = _split(text)
    base = folder / fixed
    if not base.is_dir():
        raise StoreError(
            f"Store `{store}`: its files are `{text}`, and there is no folder `{fixed or '.'}`.",
            hint="The pattern counts from the project's folder; correct it, or mount what is missing.",
        )
    names: list[str] = []
    made = "".join(_expression(part, names) for part in _PARTS.finditer(wild))
    return Pattern(
        text=text,
        base=base.resolve(),
        names=tuple(names),
        expression=re.compile(made, re.DOTALL),
        depth=None if "**" in wild else wild.count("/"),
        owned=_owned(wild),
    )


def _owned(wild: str) -> re.Pattern[str] | None:
    """Match the folders down to the first placeholder; a placeholder in the file's own name makes none."""
    parts = wild.split("/")
    count = next((n for n, part in enumerate(parts, 1) if "{" in part), len(parts))
    if count == len(parts):
        return None
    names: list[str] = []
    made = "".join(_expression(part, names) for part in _PARTS.finditer("/".join(parts[:count])))
    return re.compile(made, re.DOTALL)


def _split(text: str) -> tuple[str, str]:
    """Part the folders before the first wildcard from the rest."""
    parts = text.split("/")
    count = next((n for n, part in enumerate(parts) if _WILD.search(part)), len(parts) - 1)
    fixed = "/".join(parts[:count])
    return ("/" if text.startswith("/") and not fixed else fixed), "/".join(parts[count:])


def _expression(part: re.Match[str], names: list[str]) -> str:
    text = part[0]
    if part["name"]:
        column = re.sub(r"\W+", "_", part["name"])
        if column in names:
            return f"(?P=p{names.index(column)})"
        names.append(column)
        return f"(?P<p{len(names) - 1}>[^/]+?)"
    if text == "**/":
        return "(?:[^/]+/)*"
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1].replace("\\", "\\\\")
        return f"[^{inner[1:]}]" if inner[0] in "!^" and inner[1:] else f"[{inner}]"
    return {"**": ".*", "*": "[^/]*", "?": "[^/]"}.get(text, re.escape(text))


@dataclass(slots=True)
class Skipped:
    """What a walk passed over."""

    links: int = 0
    closed: int = 0
    """Folders that could not be listed."""
    special: int = 0
    """Sockets, pipes, devices."""


def walk(pattern: Pattern, *, folders: bool = False, skipped: Skipped | None = None) -> Iterator[Place]:
    """Yield every file that the pattern matches, in the order of names.

    Args:
        pattern: What is looked for.
        folders: Yield folders that match too, before what is in them.
        skipped: Told what was passed over.
    """
    passed = skipped or Skipped()
    for number, (path, relative, values) in enumerate(_found(pattern, "", folders, passed), 1):
        yield Place(number=number, path=path, relative=relative, values=values)


def _found(
    pattern: Pattern, inside: str, folders: bool, skipped: Skipped
) -> Iterator[tuple[Path, str, Mapping[str, str]]]:
    try:
        with os.scandir(pattern.base / inside) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError:
        skipped.closed += 1
        return
    for entry in entries:
        if entry.name.startswith(OURS):
            continue
        relative = f"{inside}{entry.name}"
        values = pattern.match(relative)
        if entry.is_symlink():
            skipped.links += 1
        elif entry.is_dir(follow_symlinks=False):
            if folders and values is not None:
                yield Path(entry.path), relative, values
            if pattern.depth is None or relative.count("/") < pattern.depth:
                yield from _found(pattern, f"{relative}/", folders, skipped)
        elif values is not None and entry.is_file(follow_symlinks=False):
            yield Path(entry.path), relative, values
        elif values is not None:
            skipped.special += 1


def below(pattern: Pattern) -> Iterator[tuple[Path, str]]:
    """Yield every folder in which something can match, the deepest first, with its name from the pattern's folder."""
    for path, names, _ in os.walk(pattern.base, topdown=False):
        names.sort()
        relative = Path(path).relative_to(pattern.base).as_posix()
        if relative != "." and (pattern.depth is None or relative.count("/") < pattern.depth):
            yield Path(path), relative


def leftovers(base: Path, suffix: str) -> Iterator[Path]:
    """Yield files of ours that a killed run left behind."""
    for folder, names, files in os.walk(base):
        names.sort()
        for name in files:
            if name.startswith(OURS) and name.endswith(suffix):
                yield Path(folder) / name
