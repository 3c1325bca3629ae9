"""WeChat's message signatures and encryption.

Source: developers.weixin.qq.com, "Message encryption and decryption" and its technical plan. The plaintext is 16
random bytes, the length of the message in 4 bytes big-endian, the message, and the app id; padded as PKCS #7 with
blocks of 32 bytes, although AES's own block is 16; encrypted with AES-256-CBC, whose initialisation vector is the
first half of the key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.errors import BadRequest, ConfigurationError, Forbidden

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 32
_HEAD = 20


def signature(*fields: str) -> str:
    """SHA-1, in hexadecimal, over the fields in byte order with nothing between them."""
    return hashlib.sha1("".join(sorted(fields)).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def same(expected: str, given: str) -> bool:
    """Whether two signatures are equal, in a time that does not tell how far they agree."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def decrypt(encoding_aes_key: str, encrypted: str, app_id: str) -> bytes:
    """The message inside ``encrypted``, whose signature has been checked.

    Raises BadRequest(``bad_ciphertext``), Forbidden(``wrong_account``) when it is for another app id, and
    ConfigurationError when the key cannot be one.
    """
    try:
        ciphertext = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("bad_ciphertext", "Encrypt is not base64") from error
    if not ciphertext or len(ciphertext) % 16:
        raise BadRequest("bad_ciphertext", "Encrypt is not a whole number of AES blocks")
    padded = _cipher(encoding_aes_key).decryptor().update(ciphertext)
    padding = padded[-1]
    if not 1 <= padding <= _BLOCK or not padded.endswith(bytes([padding]) * padding):
        raise BadRequest("bad_ciphertext", "the padding is wrong")
    end = len(padded) - padding
    message_end = _HEAD + int.from_bytes(padded[16:_HEAD], "big")
    if end < _HEAD or message_end > end:
        raise BadRequest("bad_ciphertext", "the message is shorter than it says")
    if not hmac.compare_digest(padded[message_end:end], app_id.encode()):
        raise Forbidden("wrong_account", "the message is for another app id")
    return padded[_HEAD:message_end]


def aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes in 43 base64 characters; the last may carry two bits too many. Raises ConfigurationError."""
    try:
        key = base64.b64decode(encoding_aes_key + "=", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError("encoding_aes_key is not base64") from error
    if len(encoding_aes_key) != 43 or len(key) != 32:
        raise ConfigurationError("encoding_aes_key must have 43 characters")
    return key


@lru_cache(maxsize=16)
def _cipher(encoding_aes_key: str) -> Cipher[CBC]:
    # Imported here: it takes longer than all the rest, and an account in plain mode never needs it.
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    key = aes_key(encoding_aes_key)
    return Cipher(AES(key), CBC(key[:16]))
