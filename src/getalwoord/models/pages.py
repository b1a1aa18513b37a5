"""Pages of memory that hold weights: which can be read from a file again, and handing them back."""

import contextlib
import ctypes
import mmap
from collections.abc import Sequence
from pathlib import Path

import torch


def unchanged_files() -> list[range]:
    """Tell at which addresses files are mapped that this process has not written to.

    None where the system does not tell. Takes some 25 ms.

    Source: proc_pid_smaps(5)
    """
    found: list[range] = []
    is_unchanged_file = False
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/smaps").read_text().splitlines():
            first, *rest = line.split(maxsplit=5)
            if not first.endswith(":"):  # addresses, access, offset, device, inode, path
                start, end = (int(address, base=16) for address in first.split("-"))
                is_unchanged_file = len(rest) == 5 and rest[3] != "0"
                if is_unchanged_file:
                    found.append(range(start, end))
            elif is_unchanged_file and first in ("Anonymous:", "Swap:") and rest[0] != "0":
                found.pop()  # a page was written to, and is no longer the file's
                is_unchanged_file = False
    return found


def lies_in(tensor: torch.Tensor, files: Sequence[range]) -> bool:
    """Tell whether the whole of a tensor lies in one of them."""
    first, last = tensor.data_ptr(), tensor.data_ptr() + _bytes(tensor) - 1
    return tensor.device.type == "cpu" and any(first in file and last in file for file in files)


def give_back(tensor: torch.Tensor) -> None:
    """Hand the pages of a tensor back to the system.

    Those of an unchanged file are read again when they are looked at. Others have lost what they
    held.
    """
    page = mmap.PAGESIZE
    first = tensor.data_ptr() + page - 1 & -page
    last = tensor.data_ptr() + _bytes(tensor) & -page
    if tensor.device.type == "cpu" and last > first:
        with contextlib.suppress(AttributeError, OSError):  # another C library has no madvise
            arguments = ctypes.c_void_p(first), ctypes.c_size_t(last - first)
            ctypes.CDLL(None).madvise(*arguments, mmap.MADV_DONTNEED)


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()
