"""The logs of several processes as one stream: who says it, in a colour of its own, then what."""

import subprocess
import sys
import threading

from csplatform import console

_COLOURS = {"web": "36", "worker": "33", "beat": "35", "postgres": "34", "redis": "31", "demo": "32"}
_WIDTH = 8
_one_line_at_a_time = threading.Lock()


def line(name: str, text: str) -> None:
    """One line of `name`."""
    label = console.styled(f"{name:<{_WIDTH}}|", f"\033[{_COLOURS.get(name, '37')}m")
    with _one_line_at_a_time:
        sys.stdout.write(f"{label} {text}\n")
        sys.stdout.flush()


def follow(name: str, child: "subprocess.Popen[bytes]") -> threading.Thread:
    """Pass on what `child` writes until it closes its output."""

    def pump() -> None:
        if child.stdout is None:
            return
        for raw in child.stdout:
            if text := raw.decode(errors="replace").rstrip():
                line(name, text)

    thread = threading.Thread(target=pump, name=f"log of {name}", daemon=True)
    thread.start()
    return thread
