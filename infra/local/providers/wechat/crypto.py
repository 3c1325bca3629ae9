"""Signatures and encryption of pushes.

Source: developers.weixin.qq.com, "Message encryption and decryption": AES-256-CBC, iv = first 16 key bytes, 16 random
bytes + length (4 bytes, big-endian) + message + AppID, padded to a multiple of 32.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


def signature(*values: str) -> str:
    """SHA-1 in hex over the sorted values: token, timestamp, nonce, and the ciphertext for ``msg_signature``."""
    return hashlib.sha1("".join(sorted(values)).encode(), usedforsecurity=False).hexdigest()


def _cipher(encoding_aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(encoding_aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt(encoding_aes_key: str, app_id: str, message: bytes, random: bytes | None = None) -> str:
    """The ``Encrypt`` value, base64. ``random``: the 16 leading bytes, for known vectors."""
    head = secrets.token_bytes(16) if random is None else random
    plain = head + len(message).to_bytes(4, "big") + message + app_id.encode()
    padding = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(encoding_aes_key).encryptor()
    sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(encoding_aes_key: str, app_id: str, sealed: str) -> bytes:
    """The message in ``sealed``. Raises ValueError when it is not one for this key and AppID."""
    decryptor = _cipher(encoding_aes_key).decryptor()
    plain = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
    padding = plain[-1]
    if not 1 <= padding <= BLOCK:
        raise ValueError("padding")
    length = int.from_bytes(plain[16:20], "big")
    message, receiver = plain[20 : 20 + length], plain[20 + length : -padding]
    if receiver != app_id.encode():
        raise ValueError("AppID")
    return message
