"""The product's own line icons: one 16-pixel path each, drawn with the text's colour."""

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

PATHS = {
    "today": (
        "M8 2.5v1.2M8 12.3v1.2M2.5 8h1.2M12.3 8h1.2M4.1 4.1l.9.9M11 11l.9.9M4.1 11.9l.9-.9"
        "M11 5l.9-.9M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8"
    ),
    "portfolio": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "service": "M2.8 3.2h10.4v7.2H8.4L5.2 13v-2.6H2.8zM5.4 6.8h.01M8 6.8h.01M10.6 6.8h.01",
    "scorecard": "M2.5 11a5.5 5.5 0 1 1 11 0M8 11l2.6-3.6M7 11h2",
    "features": "M2.8 2.8h4v4h-4zM9.2 2.8h4v4h-4zM2.8 9.2h4v4h-4zM9.2 11.2h4M11.2 9.2v4",
    "products": "M8 2.2 13.2 5v6L8 13.8 2.8 11V5zM2.9 5.1 8 7.9l5.1-2.8M8 8v5.6",
    "rates": "M2.5 5.5h9M9 3l2.5 2.5L9 8M13.5 10.5h-9M7 8l-2.5 2.5L7 13",
    "handover": "M2.5 5.5h8M8 3l2.5 2.5L8 8M13.5 10.5h-8M8 8l-2.5 2.5L8 13",
    "voice": "M2.8 6v4h2.4l3.6 2.8V3.2L5.2 6zM11 6a3 3 0 0 1 0 4M12.6 4.2a5.4 5.4 0 0 1 0 7.6",
    "star": "M8 2.4l1.7 3.5 3.9.6-2.8 2.7.7 3.9L8 11.2l-3.5 1.9.7-3.9-2.8-2.7 3.9-.6z",
    "import": "M8 2.5v7M5.2 6.9 8 9.7l2.8-2.8M2.8 11v2.2h10.4V11",
    "export": "M8 9.7v-7M5.2 5.3 8 2.5l2.8 2.8M2.8 11v2.2h10.4V11",
    "intake": "M1.8 8h3l1.6-4.4 3.2 8.8L11.2 8h3",
    "nights": "M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6",
    "members": (
        "M6 7.4a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4M2 13c.2-2.4 1.8-3.7 4-3.7s3.8 1.3 4 3.7"
        "M10.6 3.2a2.2 2.2 0 0 1 0 4.1M11.9 9.6c1.3.5 2 1.7 2.1 3.4"
    ),
    "keys": "M10 9a3.2 3.2 0 1 0-3-2.2L2.5 11.3v2.2h2.2v-1.7h1.7V10l.6-.6M10.9 5.1h.01",
    "audit": "M4 2.5h6l2.5 2.5v8.5H4zM9.7 2.7v2.6h2.6M6 8h4.5M6 10.5h4.5",
    "settings": "M2.5 4.5h5M11 4.5h2.5M9.2 2.8v3.4M2.5 11.5H5M8.5 11.5h5M6.7 9.8v3.4",
    "search": "M7.2 2.8a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8M10.4 10.4l3 3",
    "close": "M4 4l8 8M12 4l-8 8",
    "check": "M3 8.5l3.2 3.2L13 4.8",
    "plus": "M8 3v10M3 8h10",
    "up": "M4 9.5 8 5.5l4 4",
    "down": "M4 6.5l4 4 4-4",
    "left": "M9.5 4 5.5 8l4 4",
    "right": "M6.5 4l4 4-4 4",
    "updown": "M5 6l3-3 3 3M5 10l3 3 3-3",
    "menu": "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    "more": "M3.5 8h.01M8 8h.01M12.5 8h.01",
    "warning": "M8 2.5 14 13H2zM8 6.5v3M8 11.3v.01",
    "error": "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.5M8 10.9v.01",
    "info": "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 7.5V11M8 5.1v.01",
    "success": "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M5.5 8.2l1.8 1.8 3.2-3.7",
    "clock": "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.2l2 1.3",
    "light": (
        "M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1"
        "M11.4 4.6l1-1M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6"
    ),
    "dark": "M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6",
    "system": "M2.5 3h11v7.5h-11zM6 13h4M8 10.5V13",
    "language": (
        "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M2.2 8h11.6M8 2.2c3.2 3.3 3.2 8.3 0 11.6-3.2-3.3-3.2-8.3 0-11.6"
    ),
    "signout": "M9.5 2.8H3.2v10.4h6.3M7 8h6.5M11 5.5 13.5 8 11 10.5",
    "person": "M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8M3 13.5c.3-2.7 2.2-4 5-4s4.7 1.3 5 4",
    "columns": "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
    "filter": "M2.5 4h11M4.5 8h7M6.5 12h3",
    "copy": "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    "fold": "M2.5 3h11v10h-11zM6 3v10M10.8 6.3 9.1 8l1.7 1.7",
    "open": "M9 2.8h4.2V7M13 3 7.5 8.5M11.2 9.5v3.7H2.8V4.8h3.7",
    "note": "M3 3h10v7.5L10.5 13H3zM10.3 12.8v-2.5h2.5M5.5 6h5M5.5 8.5h3",
    "account": "M3 13.5V3h6v10.5M9 6.5h4v7M2 13.5h12M5 5.5h2M5 8h2M5 10.5h2",
    "help": (
        "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2"
        "M6.3 6.4c.1-1 .8-1.6 1.8-1.6 1 0 1.7.6 1.7 1.5 0 1.3-1.7 1.3-1.7 2.6M8.1 11v.01"
    ),
}


@cache
def icon(name: str) -> SafeString:
    """The icon as an inline picture, hidden from assistive technology: its words stand beside it."""
    return format_html('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', PATHS[name])
