"""`python -m csplatform.demo.held MODULE …` is `python -m MODULE …` that has loaded the product and waits for its turn.

Loading takes seconds; so they pass beside the last of the preparation. Its turn is a line on the standard input; when
that ends without one, who held it is gone, and so is this.
"""

import os
import runpy
import sys


def main() -> None:
    """Load, wait, become the module."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")
    import django

    from csplatform.startup import load_pages

    del sys.argv[0]
    django.setup()
    if sys.argv[0] == "gunicorn":
        load_pages()
    if sys.stdin.readline():
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
