# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin gax: what GAX tells of a site is put into the inventory of Ansible."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gax
short_description: Hosts of a chat solution from the Configuration Server
version_added: 1.0.0
author:
  - The genesys_engage.chat contributors (@genesys-engage-ansible)
description:
  - Reads Host objects and applications of the Configuration Server through Genesys Administrator Extension (GAX), and makes an inventory of them on which the
    playbooks of this collection run.
  - The inventory has the groups of the playbooks, C(genesys_configuration) with one host for the Configuration Server, and C(genesys_hosts) with the hosts
    of the chat solution; a group for each part of a description (C(chat_servers), C(contact_servers), C(interaction_servers), C(gms)); C(pair_NAME)
    with the hosts of a primary and its backup; and C(type_NAME) with the hosts that have an application of a type, such as C(type_message_server). Hosts
    that only have other applications are in groups by type alone.
  - Each host has C(ansible_host) (the address of its Host object, if that has one), and the variables C(genesys_host), C(genesys_host_address),
    C(genesys_operating_system), C(genesys_roles), C(genesys_versions) (role to a list of versions), C(genesys_applications) and
    C(genesys_configuration_host). Each entry of C(genesys_applications) has C(name), C(type), C(role), C(version), C(installed), C(working_directory),
    C(ports), C(tenants), C(primary) (whose backup it is), C(backup) and C(status).
  - C(gax_url), C(gax_validate_certs) and C(gax_ca_path) are set for C(genesys_configuration). Passwords and options of applications are neither in
    variables nor in the cache.
  - Each class of objects is read by one request.
  - The file's name is C(gax.yml) or ends with C(.gax.yml).
extends_documentation_fragment:
  - genesys_engage.chat.gax.plugin
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
requirements:
  - requests (in the Python that runs Ansible)
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [genesys_engage.chat.gax]
  tenant:
    description:
      - Name of the tenant whose chat solution is meant.
      - If not given, the servers of all tenants count.
    type: str
  further_hosts:
    description:
      - Names of Host objects, or patterns as of a shell, that belong to C(genesys_hosts) though no server of the chat solution is on them yet, as before
        a first deployment.
    type: list
    elements: str
    default: []
  configuration_host:
    description:
      - Inventory name of the host that stands for the Configuration Server. Its tasks run on the machine that runs Ansible, unless its C(host_vars) say
        otherwise. Several sites need different ones.
      - It must not be the name of a host of the chat solution.
    type: str
    default: configuration
  mlcmd:
    description:
      - Path of C(mlcmd) or C(mlcmd_64) on the machine that runs Ansible. With it Solution Control Server is asked for the C(status) of each application.
      - If Solution Control Server can't be asked there is a warning and no status, or with O(strict) an error.
    type: path
  confserv_host:
    description: The Configuration Server, as O(mlcmd) reaches it. Needed with O(mlcmd).
    type: str
    env: [{name: CONFSERV_HOST}]
  confserv_port:
    description: Its port.
    type: int
    default: 2020
    env: [{name: CONFSERV_PORT}]
  confserv_username:
    description: Name of a user of the Configuration Server. Needed with O(mlcmd).
    type: str
    env: [{name: CONFSERV_USERNAME}]
  confserv_password:
    description: Password of that user; it may be empty. Needed with O(mlcmd).
    type: str
    env: [{name: CONFSERV_PASSWORD}]
  scs_host:
    description: Solution Control Server, as O(mlcmd) reaches it; if not given, C(mlcmd) is called without it.
    type: str
    env: [{name: SCS_HOST}]
  scs_port:
    description: Its port.
    type: int
    env: [{name: SCS_PORT}]
  client_application:
    description: Name of the application object, of an interface type, by which C(mlcmd) logs in to the Configuration Server.
    type: str
    default: default
"""

EXAMPLES = r"""
# site.gax.yml. Address and account of GAX come from GAX_URL, GAX_USERNAME and GAX_PASSWORD of the environment.
plugin: genesys_engage.chat.gax
tenant: Environment

---
# Groups by what is known of the hosts, another address, and data kept for ten minutes
plugin: genesys_engage.chat.gax
gax_url: https://gax.example.com:8443
gax_username: automation
tenant: Environment
further_hosts: ["chat*"]
strict: true
compose:
  ansible_host: inventory_hostname ~ '.example.com'
groups:
  backups: genesys_applications | selectattr('primary') | list | length > 0
keyed_groups:
  - key: genesys_versions.chat_server | default([])
    prefix: chat_server
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/genesys_engage
cache_timeout: 600
"""

import os
import re
import sys

from ansible.errors import AnsibleParserError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template as plain
except ImportError:  # before core 2.19
    plain = str

from ansible_collections.genesys_engage.chat.plugins.plugin_utils.site_inventory import ASKED, SERVERS, SiteUnread, read_site


def no_template(value):
    """Return data from outside, in which nothing is a template.

    What surely is none gets no mark, since marks show where the inventory is exported to, as in AWX. Core 2.19 and newer mark each text by themselves.
    """
    if isinstance(value, dict):
        return {key: no_template(item) for key, item in value.items()}
    if isinstance(value, list):
        return [no_template(item) for item in value]
    if not isinstance(value, str):
        return value
    return plain(value) if re.fullmatch(r"[\w .:,/@+-]*", value) else wrap_var(value)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Puts what read_site returns into Ansible's inventory."""

    NAME = "genesys_engage.chat.gax"

    def verify_file(self, path):
        """Return whether a file may be one of this plugin's, by its name."""
        name = os.path.basename(path)
        return super().verify_file(path) and (name in ("gax.yml", "gax.yaml") or name.endswith((".gax.yml", ".gax.yaml")))

    def parse(self, inventory, loader, path, cache=True):
        """Fill the inventory."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        options = self._chosen()
        try:
            hosts = self._hosts(options, path, cache)
            self._fill(hosts, options)
        except SiteUnread as error:
            raise AnsibleParserError(str(error)) from None

    def _chosen(self):
        """Return the options; what is a template in the file has its value."""
        options = {name: self.templar.template(value) if isinstance(value, str) else value for name, value in self.get_options().items()}
        said = os.environ.get("GAX_VALIDATE_CERTS", "").strip()
        # Ansible takes each word of the environment that it does not know for false. An empty one says nothing.
        if "validate_certs" not in self._file:
            try:
                options["validate_certs"] = boolean(said) if said else True
            except TypeError:
                raise AnsibleParserError("GAX_VALIDATE_CERTS must be true or false, got '%s'" % said) from None
        return options

    def _read_config_data(self, path):
        self._file = super()._read_config_data(path)
        return self._file

    def _hosts(self, options, path, cache):
        """Return the hosts, from the cache if it holds the answer to the same question."""
        asked = {name: options.get(name) for name in ASKED}
        key = self.get_cache_key(path)
        use = self.get_option("cache")
        kept = self._cache.get(key) if use and cache else None
        if not kept or kept.get("asked") != asked:
            kept = {"asked": asked, "hosts": read_site(options, self.display.warning)}
            if use:
                self._cache[key] = kept
        return kept["hosts"]

    def _fill(self, hosts, options):
        place = options["configuration_host"]
        if SERVERS in hosts.get(place, {}).get("groups", ()):
            raise SiteUnread("configuration_host: '%s' is a host of the chat solution; choose another name" % place)
        self.inventory.add_group(SERVERS)
        configuration = self.inventory.add_group("genesys_configuration")
        for name, host in hosts.items():
            self.inventory.add_host(name)
            for group in host["groups"]:
                self.inventory.add_child(self.inventory.add_group(group), name)
            for variable, value in dict(host["variables"], genesys_configuration_host=place).items():
                self.inventory.set_variable(name, variable, no_template(value))
            self._construct(name)
        self.inventory.add_host(place, configuration)
        for variable, value in {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "genesys_configuration_host": place}.items():
            self.inventory.set_variable(place, variable, no_template(value))
        for option, variable in {"gax_url": "gax_url", "validate_certs": "gax_validate_certs", "ca_path": "gax_ca_path"}.items():
            if options.get(option) is not None:
                self.inventory.set_variable(configuration, variable, no_template(options[option]))

    def _construct(self, name):
        strict, variables = self.get_option("strict"), self.inventory.get_host(name).get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, name, strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict)
