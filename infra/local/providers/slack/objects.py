"""How Slack writes messages, files, people and channels in JSON, in answers and in events alike."""

from __future__ import annotations

from typing import Any

from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import Channel, FileItem, Message, User


def message_object(service: Service, channel: Channel, message: Message) -> dict[str, Any]:
    settings = service.accounts[channel.account]
    made: dict[str, Any] = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    made["team"] = message.team_id
    optional = ("client_msg_id", "subtype", "bot_id", "app_id", "metadata", "edited", "blocks", "attachments")
    for name in optional:
        if getattr(message, name):
            made[name] = getattr(message, name)
    if message.bot_id:
        made["bot_profile"] = {
            "id": message.bot_id,
            "app_id": settings.app_id,
            "name": settings.bot_name,
            "team_id": settings.team_id,
            "deleted": False,
        }
    if message.files:
        items = [service.state.files[file_id] for file_id in message.files]
        made["files"] = [file_object(service, item, seen_from=channel) for item in items]
        made["upload"] = False
    made |= _thread_fields(channel, message)
    user = service.state.users.get(message.user)
    if user is not None and user.team_id != settings.team_id:
        made |= {"user_team": user.team_id, "source_team": user.team_id, "user_profile": _short_profile(user)}
    if message.subtype == "tombstone":
        made["hidden"] = True
    if message.reactions:
        made["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return made


def _thread_fields(channel: Channel, message: Message) -> dict[str, Any]:
    if message.thread_ts is not None:
        parent = channel.find(message.thread_ts)
        parent_user = {} if parent is None else {"parent_user_id": parent.user}
        return {"thread_ts": message.thread_ts, **parent_user}
    replies = channel.replies(message.ts)
    if not replies:
        return {}
    return {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}


def file_object(service: Service, item: FileItem, *, seen_from: Channel | None = None) -> dict[str, Any]:
    """In a shared channel a file of another organisation is only named: ``files.info`` tells the rest."""
    foreign = item.team_id != service.accounts[item.account].team_id
    if foreign and seen_from is not None:
        return {
            "id": item.id,
            "mode": "file_access",
            "file_access": "check_file_info",
            "created": 0,
            "timestamp": 0,
            "user": "",
        }
    place = f"{service.public_url}/files/files-pri/{item.team_id}-{item.id}"
    name = item.name.replace("/", "_").replace(" ", "_")
    return {
        "id": item.id,
        "created": item.created,
        "timestamp": item.created,
        "name": item.name,
        "title": item.title,
        "mimetype": item.mime_type,
        "filetype": item.name.rpartition(".")[2].lower(),
        "user": item.user,
        "user_team": item.team_id,
        "size": item.size,
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "file_access": "visible",
        "url_private": f"{place}/{name}",
        "url_private_download": f"{place}/download/{name}",
        "permalink": f"{service.public_url}/files/{item.user}/{item.id}/{name}",
    }


def _short_profile(user: User) -> dict[str, Any]:
    return {
        "avatar_hash": "g0123456789ab",
        "first_name": user.real_name.split(" ")[0],
        "real_name": user.real_name,
        "display_name": user.name,
        "name": user.name,
        "team": user.team_id,
        "is_restricted": False,
        "is_ultra_restricted": False,
    }


def user_object(user: User, home_team: str, *, with_email: bool) -> dict[str, Any]:
    """People of other organisations keep their e-mail address to themselves."""
    profile: dict[str, Any] = {"real_name": user.real_name, "display_name": user.name, "team": user.team_id}
    if with_email and user.email is not None:
        profile["email"] = user.email
    made: dict[str, Any] = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": "Europe/Amsterdam",
        "profile": profile,
        "is_bot": user.role == "app",
        "is_app_user": False,
    }
    if user.team_id != home_team:
        made["is_stranger"] = True
    return made


def channel_object(channel: Channel, team_id: str, bot_user_id: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": channel.id,
        "is_im": channel.kind == "im",
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_private": channel.kind != "channel",
        "is_archived": channel.archived,
        "context_team_id": team_id,
    }
    if channel.kind == "im":
        return made | {"user": channel.user, "is_open": True}
    shared = {"is_shared": channel.shared, "is_ext_shared": channel.shared}
    return made | {
        "name": channel.name,
        "is_member": bot_user_id in channel.members,
        "num_members": len(channel.members),
        **shared,
    }
