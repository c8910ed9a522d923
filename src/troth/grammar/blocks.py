"""Questions about a declaration: which keys a block has, which block stands at a path, all blocks there are.

Used to name the valid keys in a fault, to mask secrets, and to test that schema, docs and model agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from troth.grammar.declare import Block

BlockType = type[Block]


@cache
def keys(block: BlockType) -> tuple[str, ...]:
    """List the keys of a block as they are written in YAML."""
    return tuple(info.alias or name for name, info in block.model_fields.items())


def block_at(top: BlockType, path: tuple[str | int, ...]) -> BlockType | None:
    """Return the block that stands at a path, or None where something else does."""
    kinds: tuple[Any, ...] = (top,)
    for part in path:
        kinds = tuple(inner for kind in kinds for inner in _inside(kind, part))
    return next((kind for kind in kinds if _is_block(kind)), None)


def each_block(top: BlockType) -> Iterator[BlockType]:
    """Yield a block and every block under it, once, in the order of the declaration."""
    seen: dict[BlockType, None] = {}
    waiting: list[BlockType] = [top]
    while waiting:
        block = waiting.pop(0)
        if block not in seen:
            seen[block] = None
            for info in block.model_fields.values():
                waiting += [kind for kind in _leaves(info.annotation) if _is_block(kind)]
    yield from seen


def _is_block(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Block)


def _flat(annotation: Any) -> tuple[Any, ...]:
    """Take off Annotated and Union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _flat(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return tuple(kind for part in get_args(annotation) for kind in _flat(part))
    return (annotation,)


@cache
def _fields(block: BlockType) -> dict[str, Any]:
    return {info.alias or name: info.annotation for name, info in block.model_fields.items()}


def _inside(kind: Any, part: str | int) -> tuple[Any, ...]:
    if _is_block(kind):
        found = _fields(kind).get(str(part))
        return _flat(found) if found is not None else ()
    origin = get_origin(kind)
    if origin is dict and isinstance(part, str):
        return _flat(get_args(kind)[1])
    if origin is tuple and isinstance(part, int):
        return _flat(get_args(kind)[0])
    return ()


def _leaves(annotation: Any) -> Iterator[Any]:
    for kind in _flat(annotation):
        yield kind
        for part in get_args(kind) if get_origin(kind) in (dict, tuple) else ():
            yield from _leaves(part)
