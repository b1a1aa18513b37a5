"""GGUF files of Gemma 2 and 3: their fields, and their tensors de-quantised.

The metadata are read here and not by `gguf.GGUFReader`, which makes several NumPy arrays for
each of the 262,144 tokens and takes ten seconds and half a gigabyte for it; the quantisation
formats are `gguf`'s.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt

from getalwoord.errors import BaseError
from getalwoord.files import disk_error

_AT_ONCE = 1 << 22  # values to de-quantise in one go; bounds the memory taken
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_SCALARS = {
    **{0: "<u1", 1: "<i1", 2: "<u2", 3: "<i2", 4: "<u4", 5: "<i4"},
    **{6: "<f4", 7: "?", 10: "<u8", 11: "<i8", 12: "<f8"},
}


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Where a tensor lies in the file, and how; the shape is as NumPy counts, rows first."""

    kind: gguf.GGMLQuantizationType
    shape: tuple[int, ...]
    offset: int
    row_bytes: int


class _Cursor:
    """Reads the values of a GGUF file in their order."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.position = 0

    def numbers(self, dtype: str, count: int) -> npt.NDArray[Any]:
        size = np.dtype(dtype).itemsize * count
        if size > len(self.data) - self.position:
            raise ValueError("it ends too early")
        self.position += size
        return np.frombuffer(self.data, dtype, count, self.position - size)

    def number(self, dtype: str) -> Any:
        return self.numbers(dtype, 1)[0].item()

    def text(self) -> str:
        return self.texts(1)[0]

    def texts(self, count: int) -> list[str]:
        found, position, data = [], self.position, self.data
        length_at = struct.Struct("<Q").unpack_from
        for _ in range(count):
            (length,) = length_at(data, position)
            position += 8 + length
            if position > len(data):
                raise ValueError("it ends too early")
            found.append(data[position - length : position].decode())
        self.position = position
        return found

    def value(self) -> Any:
        kind = self.number("<u4")
        if kind != _ARRAY:
            return self.text() if kind == _STRING else self.number(_SCALARS[kind])
        kind, count = self.number("<u4"), self.number("<u8")
        return self.texts(count) if kind == _STRING else self.numbers(_SCALARS[kind], count)


class GgufFile:
    """A GGUF file of Gemma, opened.

    Args:
        path: The file.

    Raises:
        BaseError: It is no GGUF, is cut short, or is not of Gemma 2 or 3.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                if file.read(4) != b"GGUF":
                    raise BaseError(f"{path} is no GGUF file: give one, or a folder")
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._read()
        except FileNotFoundError as error:
            raise BaseError(f"{path} does not exist: give the path of a GGUF file") from error
        except OSError as error:
            raise disk_error(path, error, "read") from error
        except (ValueError, LookupError, TypeError, ArithmeticError, struct.error) as error:
            raise BaseError(
                f"{path} is cut short or damaged ({error}): download it again"
            ) from error
        if self.architecture not in ("gemma2", "gemma3"):
            raise BaseError(
                f"{path} is of architecture {self.architecture}: give a GGUF of Gemma 2 or 3"
            )
        if self.field("split.count", 1) != 1:
            raise BaseError(f"{path} is one of several parts: join them (llama-gguf-split --merge)")

    def _read(self) -> None:
        cursor = _Cursor(self._data)
        cursor.position = 4
        version = cursor.number("<u4")
        if version not in _VERSIONS:
            raise BaseError(
                f"{self.path} is GGUF version {version}: give one of version 2 or 3, little-endian"
            )
        tensors, fields = cursor.number("<u8"), cursor.number("<u8")
        self._fields: dict[str, Any] = {}
        for _ in range(fields):
            name = cursor.text()
            self._fields[name] = cursor.value()
        self.architecture = str(self.field("general.architecture"))
        described = [self._describe(cursor) for _ in range(tensors)]
        alignment = self.field("general.alignment", gguf.GGUF_DEFAULT_ALIGNMENT)
        start = math.ceil(cursor.position / alignment) * alignment
        self.tensors: dict[str, StoredTensor] = {}
        for name, kind, shape, offset in described:
            per_block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
            tensor = StoredTensor(kind, shape, start + offset, shape[-1] // per_block * block_bytes)
            if tensor.offset + math.prod(shape[:-1]) * tensor.row_bytes > len(self._data):
                raise ValueError(f"it ends before {name} does")
            self.tensors[name] = tensor

    def _describe(
        self, cursor: _Cursor
    ) -> tuple[str, gguf.GGMLQuantizationType, tuple[int, ...], int]:
        name, sides = cursor.text(), cursor.number("<u4")
        shape = tuple(cursor.numbers("<u8", sides)[::-1].tolist())
        kind, offset = cursor.number("<u4"), cursor.number("<u8")
        try:
            return name, gguf.GGMLQuantizationType(kind), shape, offset
        except ValueError as error:
            raise BaseError(
                f"{self.path}: {name} is quantised in a way (number {kind}) that this version of "
                "the package gguf does not know: give another quantisation, or a newer gguf"
            ) from error

    def rows(self, name: str) -> Iterator[npt.NDArray[np.float32]]:
        """De-quantise a tensor a few rows at a time; each part is (rows, columns).

        Raises:
            BaseError: The package gguf cannot de-quantise it.
        """
        tensor = self.tensors[name]
        rows = math.prod(tensor.shape[:-1])
        data = np.frombuffer(self._data, np.uint8, rows * tensor.row_bytes, tensor.offset)
        data = data.reshape(rows, tensor.row_bytes)
        step = max(1, _AT_ONCE // tensor.shape[-1])
        for start in range(0, rows, step):
            try:
                part = gguf.quants.dequantize(data[start : start + step], tensor.kind)
            except (NotImplementedError, ValueError) as error:
                raise BaseError(
                    f"{self.path}: {name} cannot be de-quantised from {tensor.kind.name}: give "
                    "another quantisation, such as Q8_0 or Q4_K_M"
                ) from error
            yield part.astype(np.float32, copy=False)

    def field(self, name: str, default: Any = None) -> Any:
        """Give the value of a field.

        Raises:
            BaseError: There is none, and no default either.
        """
        value = self._fields.get(name, default)
        if value is None:
            raise BaseError(f"{self.path} lacks the field {name}: it is not a whole Gemma")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """Give a setting of the architecture."""
        return int(self._setting(name, default))

    def number(self, name: str, default: float) -> float:
        """Give a setting of the architecture, with the digits that a float32 really has."""
        return float(f"{float(self._setting(name, default)):.7g}")

    def _setting(self, name: str, default: float | None) -> float:
        value = self.field(f"{self.architecture}.{name}", default)
        if not isinstance(value, int | float):
            raise BaseError(f"{self.path}: {name} is not one number, so it is no Gemma 2 or 3")
        return value
