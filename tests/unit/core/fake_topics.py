"""SNS as the event topic sees it: takes entries, and refuses those it is told to."""

from __future__ import annotations

from collections.abc import Sequence

from shared.aws.topics import TopicEntry, Topics


class RecordingTopics(Topics):
    """``calls`` are the batches as they came, ``refused`` the ids that are never taken."""

    def __init__(self, refused: set[str] | None = None) -> None:
        self.refused = refused or set()
        self.calls: list[list[TopicEntry]] = []

    def publish_batch(self, topic_arn: str, entries: Sequence[TopicEntry]) -> list[str]:
        self.calls.append(list(entries))
        return [entry.id for entry in entries if entry.id in self.refused]

    def taken(self, group: str) -> list[str]:
        """The ids of a conversation that were taken, in order."""
        return [
            entry.id
            for call in self.calls
            for entry in call
            if entry.group_id == group and entry.id not in self.refused
        ]
