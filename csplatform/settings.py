"""Settings. Everything that differs between installations comes from the environment; secrets have no default.

A home (`CSPLATFORM_HOME`, default `.csplatform/`) with embedded services and generated secrets serves the demo, the
tests and commands beside them; production names its services and secrets itself.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from csplatform.embedded import service_urls
from csplatform.embedded.state import read_json
from csplatform.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("CSPLATFORM_HOME") or BASE_DIR / ".csplatform").resolve()
DEMO = os.environ.get("CSPLATFORM_DEMO") == "1"
DEBUG = False


def _from_environment(name: str, otherwise: str = "") -> str:
    return os.environ.get(name) or otherwise


def _secret_key() -> str:
    """The environment's key, else the one generated for this home; an installation without a home must name one."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if "DATABASE_URL" in os.environ and not DEMO:
        raise ImproperlyConfigured("SECRET_KEY is not set. Production needs one of its own, at least 50 characters.")
    from csplatform.embedded import home_secret

    return home_secret(HOME)


def _own_address() -> str:
    """Where the demo answers: on the port that is named; else, for commands beside it, where this home's demo said."""
    told = "" if os.environ.get("PORT") else read_json(HOME / "demo.json").get("url")
    return str(told or f"http://localhost:{PORT}")


def _database(url: str) -> dict[str, object]:
    """Django's form of a `postgresql://user:password@host:port/name` address; a host may be a socket's directory."""
    parts = urlsplit(url)
    return {
        "ENGINE": "tenants.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }


_embedded = service_urls(HOME)
DATABASE_URL = _from_environment("DATABASE_URL", _embedded.get("DATABASE_URL", ""))
DATABASE_OWNER_URL = _from_environment("DATABASE_OWNER_URL", _embedded.get("DATABASE_OWNER_URL", ""))
DATABASE_BACKUP_URL = _from_environment("DATABASE_BACKUP_URL", _embedded.get("DATABASE_BACKUP_URL", ""))
REDIS_URL = _from_environment("REDIS_URL", _embedded.get("REDIS_URL", ""))
_MISSING = "postgresql://nobody@127.0.0.1:1/no-database-configured"

DATABASES = {
    "default": {**_database(DATABASE_URL or _MISSING), "ATOMIC_REQUESTS": True},
    "owner": {**_database(DATABASE_OWNER_URL or _MISSING), "TEST": {"MIRROR": None}},
}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = _secret_key()
PORT = int(_from_environment("PORT", "8000"))
SITE_URL = _from_environment("SITE_URL", _own_address())
_site = urlsplit(SITE_URL)
ALLOWED_HOSTS = [h for h in _from_environment("ALLOWED_HOSTS", _site.hostname or "").split(",") if h]
if _site.hostname == "localhost":
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE = _site.scheme == "https"
# How many proxies stand in front: sign-in limits count the address before them.
ALLAUTH_TRUSTED_PROXY_COUNT = int(_from_environment("TRUSTED_PROXY_COUNT", "0"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a bulk act names up to 2,000 accounts, each a field of its own

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "csplatform",
    "tenants",
    "operations",
    "imports",
    "accounts",
    "usage",
    "service",
    "health",
    "renewals",
    "playbooks",
    "portfolio",
    "pipeline",
    "common",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.middleware.TenantMiddleware",
]
APPEND_SLASH = False
ROOT_URLCONF = "csplatform.urls"
WSGI_APPLICATION = "csplatform.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.context.tenant",
                "operations.context.freshness",
            ],
        },
    }
]

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "tenants.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "tenants.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # such a mail would offer a sign-up that does not exist here
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Customer success platform"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _site.hostname == "localhost"

# In Postgres, so that Redis may be away and sign-in limits still hold.
# What strangers on public pages can fill stands apart: a full table drops its first keys.
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": table,
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
    for name, table in (("default", "django_cache"), ("public", "django_cache_public"))
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = sorted((BASE_DIR / "locale").glob("*"))
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(_from_environment("STATIC_ROOT", str(HOME / "static")))


def _plotly_files() -> Path:
    """Where plotly keeps its script, found without importing plotly, which is slow."""
    from importlib.util import find_spec

    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured("plotly is not installed")
    return Path(spec.submodule_search_locations[0]) / "package_data"


STATICFILES_DIRS = [BASE_DIR / "static", ("vendor/plotly", _plotly_files())]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "csplatform.storage.StaticStorage"},
}
WHITENOISE_USE_FINDERS = False
MEDIA_ROOT = HOME / "files"

MAIL_DIR = HOME / "mail"
if _from_environment("EMAIL_URL"):
    _mail = urlsplit(os.environ["EMAIL_URL"])
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "", _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_DIR)
DEFAULT_FROM_EMAIL = _from_environment("DEFAULT_FROM_EMAIL", f"no-reply@{_site.hostname}")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        # plotly writes style attributes and one style element; scripts stay strict
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "frame-ancestors": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "object-src": ["'none'"],
    }
}

CELERY_BROKER_URL = REDIS_URL or None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 3,
    "socket_connect_timeout": 1,
    "visibility_timeout": 600,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = SCHEDULE

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.api_auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.api_auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tenants.api_parser.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "tenants.api_schema.Schema",
    "EXCEPTION_HANDLER": "tenants.api_auth.one_error_shape",
    "DEFAULT_VERSIONING_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Customer success platform",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tenants.api_schema.errors_describe",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
