# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of TLS are told apart: protocol, expiry, name, issuer, the file of authorities; each with its own cure, and tried once."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from unit.gateway.server import HTML, PASSWORD, USERNAME, Answer, Client, Server

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway import tls
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.gax import Gax, Settings

DAY = datetime.timedelta(days=1)


class Certificates:
    """Makes certificates in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.keys: dict[str, Any] = {}

    def make(self, name: str, issuer: str = "", address: str = "127.0.0.1", begins: int = -1, ends: int = 1) -> Path:
        """Write key and certificate of a name, issued by another one or by itself, valid between two days from now; return the file."""
        key = self.keys.setdefault(name, ec.generate_private_key(ec.SECP256R1()))
        subject, signer = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in (name, issuer or name))
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(signer).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + begins * DAY).not_valid_after(now + ends * DAY)
            .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
            .sign(self.keys[issuer or name], hashes.SHA256())
        )
        path = self.directory / (name + ".pem")
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files of certificates: two authorities, one of which issued those of servers; and what is no certificate."""
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    made = {
        "authority": certificates.make("authority"),
        "stranger": certificates.make("stranger"),
        "valid": certificates.make("valid", "authority"),
        "expired": certificates.make("expired", "authority", begins=-3, ends=-2),
        "early": certificates.make("early", "authority", begins=2, ends=3),
        "other": certificates.make("other", "authority", address="192.0.2.1"),
        "itself": certificates.make("itself"),
        "text": certificates.directory / "text.pem",
    }
    made["text"].write_text("no certificate\n", encoding="utf-8")
    return made


def served(file: Path) -> Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return Server(context)


def refused(server: Server, **settings: Any) -> GatewayError:
    """Return the error of a gateway that asks a server, and assert that it was not tried again."""
    client = Client(server, **settings)
    with pytest.raises(GatewayError) as caught:
        client.gax.list("CfgHost")
    assert client.waits == [], "it was tried again"
    return caught.value


CURES: dict[str, tuple[str, str | None, list[str], list[str]]] = {
    # certificate of the server, file of authorities, words of the message, words that would be a wrong cure
    "trusted": ("valid", "authority", [], []),
    "expired": ("expired", "authority", ["was not accepted", "it has expired", "renew it"], ["ca_path"]),
    "not yet valid": ("early", "authority", ["it is not valid yet", "clocks"], ["ca_path"]),
    "another name": ("other", "authority", ["not made for the name '127.0.0.1'", "gax_url"], ["ca_path"]),
    "unknown issuer": ("valid", None, ["its issuer is not trusted", "give the authority's certificate with ca_path"], ["expired"]),
    "another issuer": ("valid", "stranger", ["its issuer is not trusted", "must hold the authority's certificate", "stranger.pem"], ["expired"]),
    "self-signed": ("itself", None, ["it is self-signed", "give that certificate itself with ca_path"], ["issuer"]),
    "self-signed, another file": ("itself", "stranger", ["it is self-signed", "must hold that certificate itself", "stranger.pem"], ["issuer"]),
    "a file without a certificate": ("valid", "text", ["ca_path", "text.pem", "holds no certificate in PEM format"], ["issuer", "accepted"]),
}


@pytest.mark.parametrize(("certificate", "authority", "words", "wrong"), CURES.values(), ids=CURES)
def test_a_certificate(files: dict[str, Path], certificate: str, authority: str | None, words: list[str], wrong: list[str]) -> None:
    ca_path = str(files[authority]) if authority else None
    with served(files[certificate]) as server:
        if not words:
            assert Client(server, ca_path=ca_path).gax.list("CfgHost") == []
            return
        said = str(refused(server, ca_path=ca_path))
    assert [word for word in words if word not in said] == []
    assert [word for word in wrong if word in said] == [], said


def test_https_where_http_is_spoken() -> None:
    with Server() as server:
        said = str(refused(server, url=server.url.replace("http:", "https:")))
    assert "does not speak TLS there: gax_url must begin with http://" in said
    assert "certificate" not in said


@pytest.mark.parametrize("ca_path", [None, "authority"])
def test_http_where_tls_is_spoken(files: dict[str, Path], ca_path: str | None) -> None:
    with served(files["valid"]) as server:
        said = str(refused(server, url=server.url.replace("https:", "http:"), ca_path=ca_path and str(files[ca_path])))
        assert "speaks TLS there: gax_url must begin with https://" in said
        assert server.requests == []


def test_a_server_that_tells_in_http_that_it_wants_https(files: dict[str, Path]) -> None:
    """As some do on the port of HTTPS; the account is not the reason. A wrong account is not taken for that."""
    with Server() as server:
        server.accepts = lambda form: False
        server.refused_login = Answer(400, "<html>The plain HTTP request was sent to HTTPS port</html>", HTML)
        assert "gax_username" in str(refused(server))
    with served(files["valid"]) as server:
        gax = Gax(Settings(server.url.replace("https:", "http:"), USERNAME, PASSWORD, timeout=5))
        response = type("Response", (), {"status_code": 400, "json": lambda self: None, "headers": {"Content-Type": HTML}, "text": ""})()
        gax._transport.send = lambda *args, **kwargs: response  # type: ignore[method-assign]  # the server's answer in plain HTTP
        with pytest.raises(GatewayError, match="gax_url must begin with https://"):
            gax.list("CfgHost")


@pytest.mark.parametrize("sends", [b"", b"\x16\x03\x03\x3f\x00" + b"\x02" * 60], ids=["nothing", "drops"])
def test_a_server_whose_tls_never_begins(sends: bytes) -> None:
    """It is over when its time is; that no plain HTTP is spoken there either is found out in time."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def drip() -> None:
            connection, _address = listening.accept()
            with connection:
                for byte in sends or b"":
                    time.sleep(0.1)
                    try:
                        connection.sendall(bytes([byte]))
                    except OSError:
                        return
                time.sleep(0 if sends else 3)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        gax = Gax(Settings("https://127.0.0.1:%d" % listening.getsockname()[1], USERNAME, PASSWORD, timeout=1, retries=0))
        with pytest.raises(GatewayError, match="did not answer within 1 seconds"):
            gax.list("CfgHost")
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1006)", "no version of TLS, cipher or key length in common"),
        ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1006)", "no version of TLS, cipher or key length in common"),
        ("[SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1006)", "no version of TLS, cipher or key length in common"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)", "wants a certificate of the client"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "must begin with http://"),
        ("EOF occurred in violation of protocol (_ssl.c:1006)", "EOF occurred"),
        ("certificate verify failed: self signed certificate (_ssl.c:1006)", "it is self-signed"),
        ("certificate verify failed: certificate revoked (_ssl.c:1006)", "it was revoked"),
        ("certificate verify failed: something new (_ssl.c:1006)", "something new"),
        ("hostname 'a' doesn't match 'b'", "not made for the name 'gax.example.com'"),
    ],
)
def test_what_openssl_says(said: str, words: str) -> None:
    """In the words of several releases; what is not known is shown as it is."""
    assert words in tls.explain(said, "https://gax.example.com/gax/api/", "gax.example.com", None)
