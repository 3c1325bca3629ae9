"""Starting the stub, and its certificate where calls are to go over TLS as they do on AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stub:
    """``url`` is where it listens; ``authorities`` the file of certificates that a TLS client has to be given."""

    url: str
    authorities: Path | None = None


@contextmanager
def running_stub(accounts: Mapping[str, dict[str, Any]], tls_folder: Path | None = None) -> Iterator[Stub]:
    """A stub that knows these secrets, by name. ``{stub}`` in a setting becomes the stub's own address."""
    key = None if tls_folder is None else _certificate(tls_folder)
    command = [sys.executable, "-m", "bench.stub", *([] if key is None else [str(key)])]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(accounts) + "\n")
        process.stdin.flush()
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the stub did not start")
        yield Stub(url, None if tls_folder is None else tls_folder / "authorities.pem")
    finally:
        process.terminate()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def _certificate(folder: Path) -> Path:
    """A key with its certificate for this machine, and beside it a store as large as the real one that knows it."""
    import certifi
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "onethread bench")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authorities.pem").write_bytes(Path(certifi.where()).read_bytes() + shown)
    key = folder / "key.pem"
    key.touch(mode=0o600)
    key.write_bytes(secret + shown)
    return key
