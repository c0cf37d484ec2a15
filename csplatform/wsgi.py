"""The web process's entry."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csplatform.settings")
application = get_wsgi_application()

from csplatform.startup import load_pages, refuse_powerful_role  # noqa: E402 - settings are read first

load_pages()
refuse_powerful_role()
