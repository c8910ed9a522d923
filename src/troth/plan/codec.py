"""Plans and their parts to plain JSON values and back, by the dataclasses' own declarations.

Every dataclass of a closed union is written as a mapping with its kind under `is`. Reading checks kinds, keys
and types, so that a plan edited by hand is refused with a sentence instead of failing in the middle.
"""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Undecodable(ValueError):
    """The value is not what the declaration says; the message names the place."""


def encode(value: object) -> Any:
    """Turn dataclasses, tuples, mappings and scalars into JSON values; equal values give equal results."""
    if is_dataclass(value) and not isinstance(value, type):
        body = {f.name: encode(getattr(value, f.name)) for f in fields(value)}
        return {"is": value.__class__.__name__, **body}
    if isinstance(value, tuple | list):
        return [encode(v) for v in value]
    if isinstance(value, dict):
        return {str(k): encode(v) for k, v in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a plan")


def decode(declared: type[T], value: object, place: str = "plan") -> T:
    """Read a JSON value as the declared dataclass.

    Raises:
        Undecodable: when a kind, key or type is not what the declaration says.
    """
    return cast(T, _decode(declared, value, place))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(declared: Any, value: object, place: str) -> object:
    origin = typing.get_origin(declared)
    if origin is typing.Union or origin is types.UnionType:
        return _union(typing.get_args(declared), value, place)
    if origin is typing.Literal:
        if value not in typing.get_args(declared):
            raise Undecodable(
                f"{place}: {value!r} is none of {', '.join(map(str, typing.get_args(declared)))}"
            )
        return value
    if origin is tuple:
        return _tuple(typing.get_args(declared), value, place)
    if is_dataclass(declared):
        return _dataclass(cast(type, declared), value, place)
    return _is(declared, value, place)


def _is(kind: Any, value: object, place: str) -> Any:
    wrong_bool = isinstance(value, bool) and kind is int
    if kind is type(None) and value is None:
        return None
    if wrong_bool or not isinstance(value, kind):
        raise Undecodable(f"{place}: expected {kind.__name__}, found {type(value).__name__}")
    return value


def _tuple(of: tuple[Any, ...], value: object, place: str) -> tuple[object, ...]:
    items = _is(list, value, place)
    if len(of) == 2 and of[1] is Ellipsis:
        return tuple(_decode(of[0], v, f"{place}[{n}]") for n, v in enumerate(items))
    if len(items) != len(of):
        raise Undecodable(f"{place}: expected {len(of)} items, found {len(items)}")
    return tuple(_decode(kind, v, f"{place}[{n}]") for n, (kind, v) in enumerate(zip(of, items, strict=True)))


def _union(kinds: tuple[Any, ...], value: object, place: str) -> object:
    if isinstance(value, dict):
        named = {k.__name__: k for k in kinds if isinstance(k, type) and is_dataclass(k)}
        kind = named.get(str(value.get("is")))
        if kind is None:
            raise Undecodable(f"{place}: {value.get('is')!r} is none of {', '.join(sorted(named))}")
        return _dataclass(cast(type, kind), value, place)
    if type(value) in kinds:
        return value
    literals = [k for k in kinds if typing.get_origin(k) is typing.Literal]
    if any(value in typing.get_args(k) for k in literals):
        return value
    raise Undecodable(f"{place}: {type(value).__name__} is not expected here")


def _dataclass(kind: type, value: object, place: str) -> object:
    mapping = _is(dict, value, place)
    if mapping.get("is") != kind.__name__:
        raise Undecodable(f"{place}: expected {kind.__name__}, found {mapping.get('is')!r}")
    declared = {f.name for f in fields(kind)}
    given = set(mapping) - {"is"}
    if declared != given:
        odd = ", ".join(sorted(declared ^ given))
        raise Undecodable(f"{place}: keys missing or unknown: {odd}")
    hints = _hints(kind)
    return kind(**{name: _decode(hints[name], mapping[name], f"{place}.{name}") for name in declared})
