# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package whose install.sh is a few lines of shell, for tests of the product's side without a Configuration Server.

It does what is known of the real sequence: back up, extract, copy the description, write run.sh, write the result log.
The section [Fake] of the response file tells it at which point to go wrong. Runs under Python 3.6 too.
"""

import gzip
import io
import os
import tarfile
from pathlib import Path

PASSWORD = "S3cret pass=#;word"

DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<InstallationPackage FormatVersion="8.0">
  <Product License="NotRequired" AppClass="Application">
    <Release Version="{version}" BuildDate="2024-07-23" BuildNumber="{build}" Type="General"/>
    <Name><Long>Stand-in</Long><Nickname>{nickname}</Nickname></Name>
    <Language LocaleId="ENU"><Name>English (United States)</Name></Language>
  </Product>
  <Platforms OSGroupName="{group}"><Computer Type="x86"><OS Name="Red Hat" Version="{system}"/></Computer></Platforms>
  <InstallationPgm><Release Version="8.5.000.03" Date="2019-10-23"/></InstallationPgm>
</InstallationPackage>
"""

INSTALL_SH = r"""#!/bin/sh
# arguments: -s -fr <response file> -fl <result log>
response=$3
log=$5
value() { sed -n "s/^$1=//p" "$response"; }
mode=$(value Mode)
target=$(value InstallPath)
application=$(value ApplicationName)
version=$(sed -n 's/.*<Release Version="\([^"]*\)".*BuildNumber.*/\1/p' ip_description.xml)
build=$(sed -n 's/.*BuildNumber="\([^"]*\)".*/\1/p' ip_description.xml)
result() {
    printf '[GenesysProductInfo]\nFile=ResultFile\nIPName=x\nIPVersion=%s\nIPBuildNumber=%s\nIPLanguage=x\n' "$version" "$build" > "$log"
    printf '[Result]\nResultCode=%s\nError=%s\nReboot=N\n' "$1" "$2" >> "$log"
}
umask 0027
if [ "$mode" = spy ]; then
    ls -l "$response" > "$(value Spy)"; id -un >> "$(value Spy)"; pwd >> "$(value Spy)"; echo "$response" >> "$(value Spy)"
    cp "$response" "$(value Spy).response"
    env > "$(value Spy).environment"
fi
case $mode in
login) echo "calling cfgutility -pw $(value Password)"
    result 1 "Invalid login for Configuration Server. Please verify user name (default)."; exit 1;;
host) result 1 "The hostname was not found in Configuration Server configuration using all following names:
$(printf '\thostname - h\n\tIP address - 192.0.2.1')"; exit 1;;
leak) result 1 "Password $(value Password) is bad"; exit 1;;
crash) echo "Can't locate install_lib.pm"; exit 2;;
nolog) exit 0;;
emptylog) : > "$log"; exit 1;;
hang) sleep 60;;
stdin) cat > /dev/null; result 1 "stdin was empty"; exit 1;;
esac
if [ "$mode" = overwrite_crash ]; then  # overwrite mode: start script and description of the old version stay
    touch "$target/new"; exit 2
fi
mkdir -p "$target"
if [ -n "$(ls -A "$target")" ]; then
    later=0  # the real one fails if there is a backup of this second; tests do not want to wait for the next
    newest=$(ls -d "$target"/backup_* 2>/dev/null | tail -n 1)
    while backup=$target/backup_$(date -d "$later seconds" +%Y-%m-%d_%H-%M-%S); ! [ "$backup" ">" "$newest" ]; do later=$((later + 1)); done
    if [ "$mode" = strict ]; then  # as the real one
        backup=$target/backup_$(date +%Y-%m-%d_%H-%M-%S)
    fi
    mkdir -m 0700 "$backup" || { result 1 "Couldn't back up $target"; exit 1; }
    for entry in $(ls -A "$target"); do
        [ "$target/$entry" = "$backup" ] || mv "$target/$entry" "$backup"
        [ "$mode" = die_moving ] && exit 1
    done
fi
[ "$mode" = die_early ] && exit 1
[ "$mode" = hang_late ] && sleep 60
tar xzf data.tar.gz -C "$target"
cp ip_description.xml "$target"
[ "$mode" = late ] && { result 1 "Unable to write to the Configuration Server."; exit 1; }
[ "$mode" = wrong_application ] && application=Other
[ "$mode" = no_start_script ] || printf './Product -host %s -port %s -app "%s" ' "$(value Host)" "$(value Port)" "$application" > "$target/run.sh"
[ "$mode" = wrong_version ] && version=8.5.000.00
result 0 ""
[ "$mode" = exit_code ] && exit 3
exit 0
"""


def tar_gz(files, links=()):
    """Return the bytes of an archive of ``{name: content}``; ``.sh`` files and those without a dot are executable."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o755 if name.endswith(".sh") or "." not in os.path.basename(name) else 0o644
            tar.addfile(member, io.BytesIO(content))
        for name, target, kind in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            tar.addfile(member)
    return buffer.getvalue()


def package_files(version="8.5.316.02", build="1", nickname="eSChatSrv", group="linux", system="0.1"):
    """Return the files of a package's ``ip/``."""
    description = DESCRIPTION.format(version=version, build=build, nickname=nickname, group=group, system=system)
    return {
        "install.sh": INSTALL_SH.encode("utf-8"),
        "data.tar.gz": tar_gz({"Product": b"#!/bin/sh\n", "lib/some.lib": b"x" * 10000}),
        "installer.tar.gz": tar_gz({"Perl": b"#!/bin/sh\n", "lib/5.6.1/x.pm": b"1;\n"}),
        "iscript.tar.gz": tar_gz({"product.pl": b"\n"}),
        "gunzip": b"#!/bin/sh\n",
        "ospatchlist.txt": b"",
        "ip_description.xml": description.encode("utf-8"),
    }


def write_archive(path, files=None, **kind):
    """Write a package as an archive with ``ip/`` and ``templates/``."""
    content = files or package_files(**kind)
    members = {"templates/x.apd": b"{}"}
    members.update({"ip/" + name: data for name, data in content.items()})
    Path(str(path)).write_bytes(tar_gz(members))
    return str(path)


def write_directory(path, files=None, **kind):
    """Write a package as an unpacked directory that holds ``ip/``."""
    place = Path(str(path)) / "ip"
    place.mkdir(parents=True)
    for name, data in (files or package_files(**kind)).items():
        (place / name).write_bytes(data)
        (place / name).chmod(0o755 if name in ("install.sh", "gunzip") else 0o644)
    return str(path)


def parameters(src, path, mode=None, **changes):
    """Return the parameters of installation_package with its defaults."""
    params = {
        "src": str(src),
        "path": str(path),
        "application": "Chat Server 1",
        "nickname": "eSChatSrv",
        "accept_license": True,
        "license": None,
        "data_model": 64,
        "response": {"Fake": {"Mode": mode}} if mode else None,
        "secret_response": None,
        "user": None,
        "allow_downgrade": False,
        "allow_gctisetup": False,
        "skip_os_check": False,
        "start_script": "run.sh",
        "temp_path": None,
        "timeout": 30,
        "host_name": None,
        "facts": None,
        "keep_backups": None,
        "carry_over": None,
        "carry_over_replace": False,
        "confserv_host": "confserv.example.com",
        "confserv_port": 2020,
        "confserv_username": "default",
        "confserv_password": PASSWORD,
    }
    params.update(changes)
    return params


def cut(path):
    """Shorten an archive, as a broken transfer does."""
    content = Path(str(path)).read_bytes()
    Path(str(path)).write_bytes(content[: len(content) * 2 // 3])


def spoil(content):
    """Change a compressed archive so that only its check sum tells."""
    return gzip.compress(gzip.decompress(content))[:-8] + b"\0" * 8
