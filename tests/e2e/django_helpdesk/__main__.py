"""``python -m tests.e2e.django_helpdesk PORT``: a fresh django-helpdesk on 127.0.0.1, until it is killed.

It has a queue, an agent (``ada``) who works in its pages, a user for onethread's calls (``onethread``), and a field for
onethread's id of a ticket's conversation. Its environment says DESK_PASSWORD, DESK_FOLDER, and
HELPDESK_FOLLOWUP_WEBHOOK_URLS, where it sends its webhooks.
"""

import os
import sys

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.e2e.django_helpdesk.site_settings"


def main() -> None:
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    fill(os.environ["DESK_PASSWORD"])
    call_command("runserver", f"127.0.0.1:{int(sys.argv[1])}", use_reloader=False, skip_checks=True)


def fill(password: str) -> None:
    """What an administrator sets up by hand (docs/helpdesks/django-helpdesk.md)."""
    from django.contrib.auth import get_user_model
    from helpdesk.models import CustomField, Queue

    users = get_user_model().objects
    if users.exists():
        return
    users.create_superuser("onethread", "onethread@example.com", password)
    users.create_superuser("ada", "ada@example.com", password, first_name="Ada", last_name="Agent")
    Queue.objects.create(title="Support", slug="support", allow_public_submission=False)
    CustomField.objects.create(name="onethread", label="onethread", data_type="varchar", max_length=100)


if __name__ == "__main__":
    main()
