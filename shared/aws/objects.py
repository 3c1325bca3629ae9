"""S3: raw mail, media and large payloads; addresses and forms that let a browser fetch or upload one object.

With a local stack's ``endpoint_url``, and for buckets with a dot in the name (no certificate covers those), the bucket
is the first part of the path; otherwise it is part of the host name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from shared.aws.signing import PresignedPost, presign_get, presign_post

if TYPE_CHECKING:
    from shared.aws.client import AwsClient

# Mail is at most 40 MB on SES; media at most 40 MiB of ours.
OBJECT_LIMIT = 50 * 1024 * 1024
TRANSFER_TIMEOUT = 20.0

_METADATA = "x-amz-meta-"


class ObjectHead(NamedTuple):
    """What S3 knows of an object; ``size`` is in bytes, names in ``metadata`` are in lower case."""

    size: int
    content_type: str
    metadata: dict[str, str]


class Objects:
    """Objects in S3 buckets."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def put(
        self, bucket: str, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> None:
        """Stores an object, over any that was there. Raises AwsError; ValueError for metadata that is not ASCII."""
        headers = {"content-type": content_type}
        for name, value in (metadata or {}).items():
            if not (name.isascii() and value.isascii()):
                raise ValueError("metadata travels in headers: ASCII only")
            headers[f"{_METADATA}{name.lower()}"] = value
        endpoint, path = self._address(bucket, key)
        self._client.request(
            "s3",
            "PUT",
            path,
            headers=headers,
            body=body,
            operation="PutObject",
            endpoint=endpoint,
            timeout=TRANSFER_TIMEOUT,
        )

    def get(self, bucket: str, key: str, limit: int = OBJECT_LIMIT) -> bytes:
        """The object's bytes. Raises NotFound, AwsError, and ResponseTooLarge over ``limit`` bytes."""
        endpoint, path = self._address(bucket, key)
        return self._client.request(
            "s3", "GET", path, operation="GetObject", endpoint=endpoint, timeout=TRANSFER_TIMEOUT, limit=limit
        ).body

    def head(self, bucket: str, key: str) -> ObjectHead:
        """Size, type and metadata. Raises NotFound, AwsError."""
        endpoint, path = self._address(bucket, key)
        headers = self._client.request("s3", "HEAD", path, operation="HeadObject", endpoint=endpoint).headers
        return ObjectHead(
            size=int(headers.get("content-length", "0")),
            content_type=headers.get("content-type", ""),
            metadata={
                name.removeprefix(_METADATA): value for name, value in headers.items() if name.startswith(_METADATA)
            },
        )

    def beginning(self, bucket: str, key: str, length: int) -> bytes:
        """The first ``length`` bytes of an object, or all of it when it is shorter. Raises NotFound, AwsError."""
        endpoint, path = self._address(bucket, key)
        headers = {"range": f"bytes=0-{length - 1}"}
        return self._client.request(
            "s3",
            "GET",
            path,
            headers=headers,
            operation="GetObject",
            endpoint=endpoint,
            timeout=TRANSFER_TIMEOUT,
            limit=OBJECT_LIMIT,
        ).body[:length]

    def delete(self, bucket: str, key: str) -> None:
        """Deletes an object, whether or not it is there. Raises AwsError."""
        endpoint, path = self._address(bucket, key)
        self._client.request("s3", "DELETE", path, operation="DeleteObject", endpoint=endpoint)

    def presigned_get(
        self,
        bucket: str,
        key: str,
        expires: int,
        *,
        disposition: str | None = None,
        content_type: str | None = None,
    ) -> str:
        """An address to GET the object from for ``expires`` seconds, answered with these headers where given."""
        endpoint, path = self._address(bucket, key)
        return presign_get(
            endpoint,
            path,
            self._client.credentials,
            self._client.region,
            expires=expires,
            now=self._client.clock(),
            response_content_disposition=disposition,
            response_content_type=content_type,
        )

    def presigned_post(
        self, bucket: str, key: str, content_type: str, maximum_bytes: int, expires: int
    ) -> PresignedPost:
        """A form that uploads this key with this type, of 1 to ``maximum_bytes`` bytes, within ``expires`` seconds."""
        endpoint, path = self._address(bucket, "")
        return presign_post(
            endpoint + path,
            bucket,
            key,
            self._client.credentials,
            self._client.region,
            content_type=content_type,
            maximum_bytes=maximum_bytes,
            expires=expires,
            now=self._client.clock(),
        )

    def _address(self, bucket: str, key: str) -> tuple[str, str]:
        """Endpoint, and percent-encoded path."""
        endpoint = self._client.endpoint("s3")
        path = "/" + quote(key, safe="/~")
        if self._client.endpoint_url is None and "." not in bucket:
            scheme, _, host = endpoint.partition("://")
            return f"{scheme}://{bucket}.{host}", path
        return endpoint, f"/{bucket}{path}"
