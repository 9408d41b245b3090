# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A self-signed certificate for the sandbox's TLS port, which is also the authority to trust."""

from __future__ import annotations

import datetime
import ipaddress
import subprocess
from pathlib import Path

from .network import LOOPBACK

DAYS = 30


def create(certificate: Path) -> tuple[Path, Path]:
    """Write a certificate for the loopback address and its key beside it; return both paths. An existing pair is kept.

    Raises RuntimeError if neither the Python package ``cryptography`` nor the command ``openssl`` is there.
    """
    key = certificate.with_suffix(".key")
    if not (certificate.exists() and key.exists()):
        certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _with_library(certificate, key)
        except ImportError:
            _with_command(certificate, key)
        key.chmod(0o600)
    return certificate, key


def _with_library(certificate: Path, key: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Sandbox GAX")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(private, hashes.SHA256())
    )
    no_password = serialization.NoEncryption()
    key.touch(mode=0o600)
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password))
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _with_command(certificate: Path, key: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(DAYS), "-subj", "/CN=Sandbox GAX"]
    command += ["-addext", f"subjectAltName=DNS:localhost,IP:{LOOPBACK}", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise RuntimeError(f"TLS needs the Python package cryptography or the command openssl: {error}") from None
