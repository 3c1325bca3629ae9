"""Django's settings of the site: everything that is not said here is as django-helpdesk has it. ``DESK_FOLDER`` is
where its database and its files are."""

import os
from pathlib import Path

FOLDER = Path(os.environ["DESK_FOLDER"])

SECRET_KEY = "for-tests-only"
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.e2e.django_helpdesk.site_urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.humanize",
    "django.contrib.admin",
    "django.contrib.staticfiles",
    "rest_framework",
    "helpdesk",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "desk.sqlite3", "OPTIONS": {"timeout": 20}}
}
# The tables as they are by now: to build them by all the migrations there ever were takes a minute.
MIGRATION_MODULES = dict.fromkeys(("auth", "contenttypes", "sessions", "sites", "admin", "helpdesk"))
# The requests of an API that asks for a password each time must not cost a second of hashing each.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MEDIA_ROOT = FOLDER / "media"
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
SITE_ID = 1
USE_TZ = True
LOGIN_URL = "/login/"
HELPDESK_TEAMS_MODE_ENABLED = False
# It waits for the webhook before it answers the agent.
HELPDESK_WEBHOOK_TIMEOUT = 10
