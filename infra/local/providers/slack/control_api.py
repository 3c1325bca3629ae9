"""The stand-in's control interface, under ``/_control/slack``: play people, look at the app's calls, cause trouble.

Acts wait until the app's server answered; with ``?wait=0`` they return at once (202).
"""

from __future__ import annotations

from aiohttp import web

from infra.local.providers.control import refusals
from infra.local.providers.slack.acts import Acts
from infra.local.providers.slack.events import Events
from infra.local.providers.slack.limits import Buckets
from infra.local.providers.slack.people_control import PeopleControl
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.trouble_control import TroubleControl


def control_application(service: Service, events: Events, acts: Acts, buckets: Buckets) -> web.Application:
    application = web.Application(middlewares=[refusals])
    application.add_routes(PeopleControl(service, acts).routes())
    application.add_routes(TroubleControl(service, events, buckets).routes())
    return application
