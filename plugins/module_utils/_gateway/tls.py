# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why TLS with GAX failed, told apart: protocol, expiry, name, issuer; and what cures it."""

from __future__ import annotations

import socket
import ssl

_OTHER_NAME = "it was not made for the name '{name}': give a name that is in the certificate in gax_url, or have the certificate made for this one too"
_NO_ISSUER = "its issuer is not trusted: {authority}; if it does already, GAX does not send the certificates between its own and the authority's"

#: Words of OpenSSL, small and without hyphens -> what is wrong with a certificate, and the cure. {name}: the server in gax_url.
_CERTIFICATE_FAULTS = (
    ("certificate has expired", "it has expired: renew it on GAX; if it is valid there, set the clock of the host that runs the module"),
    ("not yet valid", "it is not valid yet: compare the clocks of GAX and of the host that runs the module"),
    ("mismatch", _OTHER_NAME),
    ("doesn't match", _OTHER_NAME),
    ("revoked", "it was revoked: GAX needs a new one"),
    ("self signed certificate in certificate chain", "its issuer is not trusted: {authority}"),
    ("self signed certificate", "it is self-signed: {itself}"),
    ("local issuer", _NO_ISSUER),
    ("first certificate", _NO_ISSUER),
)

#: Words in reasons of OpenSSL -> what is wrong with the connection, and the cure.
_CONNECTION_FAULTS = (
    (("wrong_version_number", "wrong version number", "http_request", "http request", "record_layer_failure", "record layer failure",
      "packet_length_too_long", "packet length too long", "unknown_protocol", "unknown protocol"),
     "it does not speak TLS there: gax_url must begin with http://, or name the port of HTTPS"),
    (("certificate_required", "certificate required"), "it wants a certificate of the client, which this collection can't give"),
    (("unsupported_protocol", "unsupported protocol", "protocol_version", "protocol version", "no_protocols", "handshake_failure",
      "handshake failure", "no_shared_cipher", "key_too_small", "key too small", "legacy"),
     "GAX and the host that runs the module have no version of TLS, cipher or key length in common: renew GAX's, or relax the policy of the host"),
)


def explain(said: str, address: str, name: str, ca_path: str | None) -> str:
    """Return why TLS failed, as a sentence without its full stop.

    Args:
        said: what the library says.
        address: GAX's.
        name: the server in it.
        ca_path: the file of authorities, or None.
    """
    fault = authorities_fault(ca_path)
    if fault:
        return fault
    words = said.lower()
    if "certificate verify failed" in words or "certificate_verify_failed" in words or "doesn't match" in words:
        return f"the certificate of {address} was not accepted: {_certificate_fault(said, name, ca_path)}"
    for reasons, fault in _CONNECTION_FAULTS:
        if any(reason in words for reason in reasons):
            return f"TLS with GAX at {address} failed: {fault} ({said})"
    return f"TLS with GAX at {address} failed: {said}"


def _certificate_fault(said: str, name: str, ca_path: str | None) -> str:
    told = {"name": name,
            "authority": f"ca_path '{ca_path}' must hold the authority's certificate" if ca_path else "give the authority's certificate with ca_path",
            "itself": f"ca_path '{ca_path}' must hold that certificate itself" if ca_path else "give that certificate itself with ca_path"}
    words = said.lower().replace("-", " ")
    for word, fault in _CERTIFICATE_FAULTS:
        if word in words:
            return fault.format(**told)
    return f"{said}; {told['authority']}"


def authorities_fault(path: str | None) -> str:
    """Return what is wrong with the file of authorities, or '' if there is none, or nothing is wrong."""
    if not path:
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except IsADirectoryError:
        return ""
    except ssl.SSLError:
        return f"ca_path: '{path}' holds no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----"
    except OSError as error:
        return f"ca_path: '{path}' can't be read: {error.strerror or error}"
    return ""


def speaks_tls(host: str, port: int, seconds: float) -> bool:
    """Return whether a server opens TLS. Nothing is told to it, and its certificate is not looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), seconds) as sock, context.wrap_socket(sock, server_hostname=host):
            return True
    except (OSError, ValueError):
        return False


def speaks_http(host: str, port: int, seconds: float) -> bool:
    """Return whether a server answers a question without TLS."""
    try:
        with socket.create_connection((host, port), seconds) as sock:
            sock.sendall(b"GET /gax/ HTTP/1.0\r\n\r\n")
            return sock.recv(5) == b"HTTP/"
    except (OSError, ValueError):
        return False
