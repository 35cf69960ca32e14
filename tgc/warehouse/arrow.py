"""Frames to DuckDB and back through Arrow's C interface, without pyarrow; free of duckdb.

polars remembers the class of whatever it makes a frame from. Were that a class of duckdb's, or one whose
module holds duckdb, DuckDB would report leaked types when the interpreter ends.

The structures are those of https://arrow.apache.org/docs/format/CDataInterface.html and its stream interface.
"""

import ctypes
from collections.abc import Iterator
from typing import Protocol

import polars as pl

_POINTER = ctypes.c_void_p
_CALL = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER)
_TEXT = ctypes.CFUNCTYPE(ctypes.c_char_p, _POINTER)

_address = ctypes.pythonapi.PyCapsule_GetPointer
_address.restype = _POINTER
_address.argtypes = [ctypes.py_object, ctypes.c_char_p]
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype = ctypes.py_object
_capsule.argtypes = [_POINTER, ctypes.c_char_p, _POINTER]


class Streamable(Protocol):
    """What both a polars frame and a DuckDB relation are."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class Stream:
    """Another's Arrow stream."""

    def __init__(self, source: Streamable) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)


class StreamError(Exception):
    """What a stream says of why it cannot go on."""


def batches(source: Streamable) -> Iterator[pl.DataFrame]:
    """The batches of a stream one by one, where `pl.DataFrame` would hold them all; none where it has no rows.

    The interpreter is free for other threads while a batch is made.

    Raises:
        StreamError: a batch cannot be made.
    """
    capsule = source.__arrow_c_stream__()
    address = _address(capsule, b"arrow_array_stream")
    stream = _Stream.from_address(address)
    while True:
        array, schema = _Array(), _Schema()
        _checked(stream, stream.get_next(address, ctypes.addressof(array)), address)
        if not array.release:
            return
        _checked(stream, stream.get_schema(address, ctypes.addressof(schema)), address)
        yield pl.DataFrame(_Batch(schema, array))


class _Schema(ctypes.Structure):
    _fields_ = (
        ("described", _POINTER * 3),
        ("counts", ctypes.c_int64 * 2),
        ("parts", _POINTER * 2),
        ("release", _POINTER),
        ("private_data", _POINTER),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        ("counts", ctypes.c_int64 * 5),
        ("parts", _POINTER * 3),
        ("release", _POINTER),
        ("private_data", _POINTER),
    )


class _Stream(ctypes.Structure):
    _fields_ = (
        ("get_schema", _CALL),
        ("get_next", _CALL),
        ("get_last_error", _TEXT),
        ("release", _POINTER),
        ("private_data", _POINTER),
    )


class _Batch:
    """One batch, which whoever takes it releases."""

    def __init__(self, schema: _Schema, array: _Array) -> None:
        self._schema = schema
        self._array = array

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        return (
            _capsule(ctypes.addressof(self._schema), b"arrow_schema", None),
            _capsule(ctypes.addressof(self._array), b"arrow_array", None),
        )


def _checked(stream: "_Stream", failure: int, address: int) -> None:
    if failure:
        raise StreamError((stream.get_last_error(address) or b"").decode(errors="replace"))
