# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text files of a package: description, licence, response-file template, template metadata (IP: files, description)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from .products import Package

OS_PATCH_LIST = "; No patches are needed by the stand-in.\n"
LICENSE_AGREEMENT = "Stand-in for a licence agreement. Nothing in this package comes from Genesys.\n"


def description(package: Package) -> str:
    """``ip_description.xml``; the attributes of ``Release`` stand in the order that the installer counts on."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<InstallationPackage FormatVersion="8.0">
  <Product License="NotRequired" AppClass="Application">
    <Release Version="{package.version}" BuildDate="{package.build_date}" BuildNumber="{package.build}" Type="General"/>
    <Name>
      <Long>{escape(package.name)}</Long>
      <Nickname>{escape(package.nickname)}</Nickname>
    </Name>
    <Language LocaleId="ENU">
      <Name>English (United States)</Name>
    </Language>
    <Description>Stand-in for {escape(package.name)}</Description>
    <ReleaseNotes Place="Web" WebDBId="." FileName="release_notes.html"/>
  </Product>
  <Platforms OSGroupName="linux">
    <Computer Type="Intel EM64T">
      <OS Name="Red Hat Enterprise Linux" Version="7"/>
      <OS Name="Red Hat Enterprise Linux" Version="8"/>
      <OS Name="Red Hat Enterprise Linux" Version="9"/>
    </Computer>
  </Platforms>
  <InstallationPgm>
    <Release Version="8.5.000.03" Date="2019-10-23"/>
    <Name>Stand-in installer</Name>
    <Language LocaleId="ENU">
      <Name>English (United States)</Name>
    </Language>
  </InstallationPgm>
</InstallationPackage>
"""


def read_me(package: Package) -> str:
    """``read_me.html``."""
    title = escape(f"{package.name} {package.version}")
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1><p>A stand-in for tests.</p></body></html>\n"


def silent_template(package: Package) -> str:
    """``genesys_silent.ini`` as shipped: comments only, to be filled by the administrator."""
    return f"""# Response file for a silent installation of {package.name}.
# Remove the leading number sign of the lines that are needed. No blanks around the equals sign.
#
#[ConfigServer]
#Host=<host name of Configuration Server>
#Port=<port of Configuration Server>
#User=<user name>
#Password=<password; give either this key or xPassword>
#xPassword=<encrypted password>
#ApplicationName=<name of the application object in Configuration Server>
#transport-port=<client-side port, optional>
#transport-address=<client-side address, optional>
#
#[IPCommon]
#InstallPath=<absolute path of the target directory>
#DataModel=<32 or 64>
#
#[License]
#LicenseAgreement=<Accepted or NotAccepted>
#UseLicense=<Required or NotRequired>
#AccessType=<LicenseManager or LicenseFile>
#Host=<host name of the licence server>
#Port=<port of the licence server>
#File=<path of the licence file>
"""


def template_metadata(package: Package) -> str:
    """``templates/<name>.xml``. The content of real metadata files is not public: an empty stand-in."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<CfgAppMetadata name="{escape(package.template)}"/>\n'
