"""A progress bar for slow commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def bar(line: int = 0) -> Iterator[Callable[[str, int, int], None]]:
    """A function `(label, done, total)` that draws a bar per label, with counts and the time that remains.

    `line`: which line of the terminal, where several processes draw at once.
    """
    held: dict[str, tqdm] = {}  # type: ignore[type-arg]  # tqdm is generic in its stubs only

    def show(label: str, done: int, total: int) -> None:
        if label not in held:
            held[label] = tqdm(total=total, desc=label, mininterval=0.5, leave=True, position=line)
        shown = held[label]
        shown.total = total
        shown.update(done - shown.n)
        if done >= total:
            shown.close()

    try:
        yield show
    finally:
        for shown in held.values():
            shown.close()
