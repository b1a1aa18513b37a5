"""What glibc does with memory that is freed, where each batch takes the same again."""

import contextlib
import ctypes

_THRESHOLD, _TRIM = -3, -1  # M_MMAP_THRESHOLD and M_TRIM_THRESHOLD in malloc.h


def keep_freed_memory() -> None:
    """Ask glibc to keep large freed blocks instead of handing them back to the system.

    Getting them anew costs a page fault every 4 KiB: 20 % of a training step on a CPU, and to
    normalise a batch of prompts takes six times as long.
    """
    with contextlib.suppress(AttributeError, OSError):  # another C library has no mallopt
        libc = ctypes.CDLL(None)
        libc.mallopt(_THRESHOLD, 32 << 20)  # glibc takes no more, and answers no error
        libc.mallopt(_TRIM, (1 << 31) - 1)


def give_back() -> None:
    """Hand all freed memory back to the system.

    Batches of ever other shapes leave the heap in pieces: half a gigabyte after a while.
    """
    with contextlib.suppress(AttributeError, OSError):  # another C library has no malloc_trim
        ctypes.CDLL(None).malloc_trim(0)
