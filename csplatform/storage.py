"""How static files are named and compressed: by content, quickly, and without what no page asks for."""

from typing import Any

import brotli
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Source maps, plotly's notebook widget and the browsable API's pages are no part of the product.
IGNORED = ["*.map", "widgetbundle.js", "datasets", "rest_framework", "CVS", ".*", "*~"]
_QUALITY = 9  # of 11: a tenth larger and ten times faster to make


class QuickCompressor(Compressor):  # type: ignore[misc]  # whitenoise has no types
    """Brotli at a level that a first start can wait for."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """The compressed bytes."""
        return bytes(brotli.compress(data, quality=_QUALITY))


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Files named by their content, so that browsers keep them for ever; source maps are not followed."""

    patterns = tuple(
        (extension, tuple(pattern for pattern in patterns if "sourceMappingURL" not in str(pattern)))
        for extension, patterns in ManifestStaticFilesStorage.patterns
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """The address of a file; each is put together once, since a page names some twenty."""
        if name not in self._urls:
            self._urls[name] = super().url(name, force)
        return self._urls[name]

    def create_compressor(self, **options: Any) -> Compressor:
        """What compresses the files."""
        return QuickCompressor(**options)
