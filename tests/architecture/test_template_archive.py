"""What the topic itself keeps."""

from __future__ import annotations

from tests.architecture.template import resources, source


def test_the_topic_keeps_events_only_where_a_deployer_says_for_how_long() -> None:
    topic = resources()["EventsTopic"]["Properties"]

    kept = {"MessageRetentionPeriod": {"Ref": "ArchiveDays"}}
    assert topic["ArchivePolicy"] == {"Fn::If": ["Archives", kept, {"Ref": "AWS::NoValue"}]}
    assert source()["Parameters"]["ArchiveDays"]["Default"] == 0
    assert source()["Conditions"]["Archives"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ArchiveDays"}, 0]}]}
