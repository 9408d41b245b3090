# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real hosts: separate, reached over SSH, cut off, switched off, restarted, full, and gone without a trace. Needs root."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hosts.example_site import wait_until
from hosts.machine import command, footprint, run

# The first test may have to build the operating system.
pytestmark = pytest.mark.timeout(900)

NAMES = ("chat1", "chat2", "chat3", "chat4", "ucs1", "ucs2", "ucs3", "ucs4", "ixn1", "gms1")
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
PING = ("-m", "ansible.builtin.ping")


# --- reached ------------------------------------------------------------------------------------------------------------


def test_ansible_reaches_every_host_with_become(hosts):
    results, _seconds = hosts.ansible("genesys_hosts", *PING)
    assert results == dict.fromkeys(NAMES, "SUCCESS")
    results, _seconds = hosts.ansible("genesys_hosts", "-m", "ansible.builtin.shell", "-a", 'test "$(id -un)" = root')
    assert results == dict.fromkeys(NAMES, "CHANGED")


def test_ansible_becomes_the_account_of_the_servers(hosts):
    check = ("-m", "ansible.builtin.shell", "-a", 'test "$(id -un)" = genesys')
    assert hosts.ansible("chat1", "--become-user", "genesys", *check)[0] == {"chat1": "CHANGED"}
    assert hosts.ansible("chat1", *check)[0] == {"chat1": "FAILED"}


def test_the_user_is_unprivileged(hosts):
    assert hosts.ssh("chat1", "id -un") == "deploy"
    assert hosts.try_ssh("chat1", "cat /etc/shadow").returncode != 0
    assert hosts.ssh("chat1", "sudo grep -c ^root: /etc/shadow") == "1"


# --- separate -----------------------------------------------------------------------------------------------------------


def test_each_host_is_one_of_its_own(hosts):
    answers = [hosts.ssh(name, f"hostname; cat /etc/machine-id; {BOOT_ID}; cat /etc/ssh/ssh_host_ed25519_key.pub").splitlines() for name in NAMES]
    assert [answer[0] for answer in answers] == list(NAMES)
    assert [len(set(column)) for column in zip(*answers, strict=True)] == [len(NAMES)] * 4
    hosts.ssh("chat1", "sudo touch /opt/mine; sleep 86399 >/dev/null 2>&1 </dev/null &")
    assert "mine" in hosts.ssh("chat1", "ls /opt") and "mine" not in hosts.ssh("chat2", "ls /opt")
    assert hosts.ssh("chat1", "ps -C sleep -o args=") == "sleep 86399" and hosts.try_ssh("chat2", "ps -C sleep -o args=").stdout == ""


def test_systemd_runs_and_restarts_what_dies(hosts):
    assert hosts.ssh("ucs1", "systemctl is-system-running") == "running"
    former = hosts.ssh("ucs1", "systemctl show --property MainPID --value ssh")
    hosts.ssh("ucs1", f"sudo kill -9 {former}")
    assert wait_until(lambda: hosts.try_ssh("ucs1", "true", alone=True).returncode == 0)
    assert hosts.ssh("ucs1", "systemctl show --property MainPID --value ssh", alone=True) != former


def test_hosts_see_each_other_and_nothing_else(hosts):
    connect = "timeout 5 bash -c 'exec 3<>/dev/tcp/gms1/22 && head -c 4 <&3'"
    assert hosts.ssh("chat1", connect) == "SSH-"
    assert hosts.ssh("chat1", "ip route show") == f"198.18.8.0/24 dev eth0 proto kernel scope link src {hosts.status()['chat1'][0]}"
    assert "198.18.8" not in run(["ip", "route", "show", "table", "all"]).stdout


# --- operations ---------------------------------------------------------------------------------------------------------


def test_a_partition_makes_a_host_unreachable_and_heals(hosts):
    boot_id = hosts.ssh("chat1", BOOT_ID)
    # also over a connection that exists already
    assert hosts.ansible("chat1,chat2", *PING)[0] == {"chat1": "SUCCESS", "chat2": "SUCCESS"}
    hosts.do("partition", "chat1")
    results, seconds = hosts.ansible("chat1,chat2", *PING)
    assert results == {"chat1": "UNREACHABLE", "chat2": "SUCCESS"} and seconds < 15
    assert hosts.status()["chat1"][1:3] == ["running", "cut"]
    hosts.do("heal", "chat1")
    assert hosts.ansible("chat1", *PING)[0] == {"chat1": "SUCCESS"}
    assert hosts.ssh("chat1", BOOT_ID) == boot_id


def test_a_power_cut_keeps_the_disk_and_nothing_else(hosts):
    boot_id = hosts.ssh("chat2", BOOT_ID)
    hosts.ssh("chat2", "echo kept | sudo tee /opt/kept /run/lost")
    hosts.ssh("chat2", "sleep 86398 >/dev/null 2>&1 </dev/null &")
    hosts.do("power-cut", "chat2")
    results, seconds = hosts.ansible("chat2", *PING)
    assert results == {"chat2": "UNREACHABLE"} and seconds < 15
    assert hosts.status()["chat2"][1] == "off"
    hosts.do("boot", "chat2")
    assert hosts.ansible("chat2", *PING)[0] == {"chat2": "SUCCESS"}
    assert hosts.ssh("chat2", "cat /opt/kept; ls /run/lost 2>/dev/null || true") == "kept"
    assert hosts.ssh("chat2", "ps -C sleep -o args= || true") == ""
    assert hosts.ssh("chat2", BOOT_ID) != boot_id


def test_a_power_cut_says_nothing_to_those_who_wait(hosts):
    """A connection is not refused, as it would be by a host that lives: it meets silence."""
    hosts.do("power-cut", "chat4")
    refused = "timeout 3 bash -c 'exec 3<>/dev/tcp/chat4/22'; echo $?"
    assert hosts.ssh("chat3", refused).splitlines()[-1] == "124" or "No route to host" in hosts.ssh("chat3", f"({refused}) 2>&1")
    hosts.do("boot", "chat4")
    assert hosts.ssh("chat3", refused) == "0"


def test_a_reboot_comes_back(hosts):
    boot_id = hosts.ssh("ucs2", BOOT_ID)
    hosts.ssh("ucs2", "echo kept | sudo tee /opt/kept")
    hosts.do("reboot", "ucs2")
    assert hosts.ssh("ucs2", BOOT_ID) != boot_id
    assert hosts.ssh("ucs2", "cat /opt/kept") == "kept"


def test_ansible_reboots_a_host(hosts):
    boot_id = hosts.ssh("ucs3", BOOT_ID)
    assert hosts.ansible("ucs3", "-m", "ansible.builtin.reboot", "-a", "reboot_timeout=40")[0] == {"ucs3": "CHANGED"}
    assert hosts.ssh("ucs3", BOOT_ID) != boot_id


def test_a_host_that_shut_down_is_off_and_boots(hosts):
    hosts.try_ssh("ucs4", "sudo systemctl poweroff")
    deadline = time.monotonic() + 30
    while hosts.status()["ucs4"][1] != "off":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    hosts.do("boot", "ucs4")
    assert hosts.ssh("ucs4", "systemctl is-system-running --wait") == "running"


def test_a_full_disk_is_full_for_everybody(hosts):
    write = "head -c 8192 /dev/zero > /var/tmp/written && sync /var/tmp/written"
    hosts.do("fill-disk", "ixn1")
    for account in ("deploy", "genesys", "root"):
        refused = hosts.try_ssh("ixn1", f"sudo -u {account} sh -c '{write}'")
        assert refused.returncode != 0 and "No space left on device" in refused.stdout
        hosts.ssh("ixn1", "sudo rm -f /var/tmp/written")
    assert hosts.status()["ixn1"][3] == "0"
    hosts.do("free-disk", "ixn1")
    hosts.ssh("ixn1", f"{write} && rm /var/tmp/written")


def test_a_disk_can_be_left_some_space(hosts):
    hosts.do("fill-disk", "gms1", "--leave", "20")
    hosts.ssh("gms1", "head -c 10M /dev/zero > /var/tmp/small && rm /var/tmp/small")
    assert hosts.try_ssh("gms1", "head -c 30M /dev/zero > /var/tmp/large").returncode != 0
    hosts.do("free-disk", "gms1")


# --- gone ---------------------------------------------------------------------------------------------------------------


def test_down_leaves_nothing_behind(two):
    before = footprint(two)
    two.do("up")
    during = footprint(two)
    assert all(during[kind] != found for kind, found in before.items())
    # Disks are mounted where only the host sees them.
    assert {Path(mount).parent for mount in set(during["mounts"]) - set(before["mounts"])} == {Path("/run/netns")}
    assert two.ansible("genesys_hosts", *PING)[0] == {"chat1": "SUCCESS", "ucs1": "SUCCESS"}
    two.do("partition", "chat1")
    two.do("power-cut", "ucs1")
    assert two.do("down") == "the hosts are gone\n"
    assert footprint(two) == before
    assert [path.name for path in two.directory.iterdir()] == ["log"]
    assert two.do("down") == "there are no hosts\n"


@pytest.mark.parametrize("seconds", [0.4, 0.8, 1.2, 1.6, 2.4])
def test_down_clears_up_after_a_killed_up(two, seconds):
    before = footprint(two)
    process = subprocess.Popen(two.up_command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
    time.sleep(seconds)
    process.kill()
    process.wait(10)
    two.do("down")
    assert footprint(two) == before


def test_up_begins_anew(two):
    two.do("up")
    former = two.ssh("chat1", BOOT_ID)
    two.ssh("chat1", "sudo touch /opt/former")
    two.do("up")
    assert two.ssh("chat1", BOOT_ID) != former
    assert "former" not in two.ssh("chat1", "ls /opt")


# --- refused ------------------------------------------------------------------------------------------------------------


def refusal(*arguments: str) -> str:
    """Return the one line in which a command is refused."""
    done = run(command(*arguments))
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 1
    return done.stdout.strip()


def test_root_is_needed():
    done = run(["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", *command("up", "--prefix", "gxnone")])
    assert done.returncode == 1
    assert done.stdout == "sandbox: real hosts need root on this machine (with CAP_SYS_ADMIN and CAP_NET_ADMIN); run the command with sudo\n"


def test_programs_are_needed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    told = refusal("up", "--prefix", "gxnone")
    assert told.startswith("sandbox: missing: ip, mke2fs, mmdebstrap, ")
    assert "apt-get install --no-install-recommends e2fsprogs iproute2 mmdebstrap mount openssh-client systemd-container util-linux" in told


def test_mistakes_are_told_in_one_line(hosts, tmp_path):
    assert refusal("heal", "--prefix", "gxnone", "chat1") == "sandbox: there are no hosts with the prefix 'gxnone'; make them with: make hosts-up"
    assert refusal("heal", "--prefix", hosts.prefix, "chat9").startswith("sandbox: there is no host 'chat9'; there are chat1, chat2, ")
    assert refusal("down", "--prefix", "../x").startswith("sandbox: '../x' is no prefix")
    assert refusal("up", "--prefix", "gxnone", "--dir", str(tmp_path), "--names", "a,b_c").startswith("sandbox: 'b_c' is no host name")
    in_use = refusal("up", "--prefix", hosts.prefix, "--dir", str(tmp_path))
    assert in_use.startswith(f"sandbox: the prefix '{hosts.prefix}' is in use for the hosts in {hosts.directory}: ")
    hosts.do("power-cut", "gms1")
    assert refusal("fill-disk", "--prefix", hosts.prefix, "gms1") == "sandbox: gms1 is off"
    hosts.do("boot", "gms1")
