"""What the buckets keep: the files of messages, and mail as it came."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment

if TYPE_CHECKING:
    from shared.aws.media_bucket import MediaAddresses, S3MediaBucket
    from shared.aws.originals import S3Originals


@cache
def media_bucket() -> S3MediaBucket:
    from shared.aws.media_bucket import S3MediaBucket
    from shared.aws.objects import Objects

    return S3MediaBucket(Objects(environment.client()), environment.setting("MEDIA_BUCKET"))


@cache
def media_addresses() -> MediaAddresses:
    from shared.aws.media_bucket import MediaAddresses

    return MediaAddresses(media_bucket())


@cache
def originals() -> S3Originals:
    from shared.aws.objects import Objects
    from shared.aws.originals import S3Originals

    return S3Originals(Objects(environment.client()), environment.setting("MAIL_BUCKET"))
