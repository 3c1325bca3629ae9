"""The event stream on an SNS FIFO topic."""

from __future__ import annotations

from shared.aws.topics import BATCH_ENTRIES, TopicEntry, Topics
from shared.core.publishing import Publication


class SnsEventTopic:
    """Implements shared.core.publishing.Stream.

    One call never carries two events of one conversation: SNS may take the second and refuse the first, and the order
    would be lost. Many conversations share a call.
    """

    def __init__(self, topics: Topics, topic_arn: str) -> None:
        self._topics = topics
        self._topic_arn = topic_arn

    def publish(self, publications: list[Publication]) -> set[str]:
        refused: set[str] = set()
        stopped: set[str] = set()
        for batch in _rounds(publications):
            entries = [_entry(each) for each in batch if each.group not in stopped]
            failed = set(self._topics.publish_batch(self._topic_arn, entries)) if entries else set()
            refused |= failed | {each.id for each in batch if each.group in stopped}
            stopped |= {each.group for each in batch if each.id in failed}
        return refused


def _entry(publication: Publication) -> TopicEntry:
    return TopicEntry(publication.id, publication.body, publication.group, publication.id, publication.attributes)


def _rounds(publications: list[Publication]) -> list[list[Publication]]:
    """Batches of at most ten, each conversation once in a batch and in order over the batches."""
    rounds: list[list[Publication]] = []
    following: dict[str, int] = {}
    for publication in publications:
        index = following.get(publication.group, 0)
        while index < len(rounds) and len(rounds[index]) >= BATCH_ENTRIES:
            index += 1
        if index == len(rounds):
            rounds.append([])
        rounds[index].append(publication)
        following[publication.group] = index + 1
    return rounds
