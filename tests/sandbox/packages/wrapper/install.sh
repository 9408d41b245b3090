#!/bin/sh
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Stand-in for the wrapper of an installation package (IP: install.sh). It has to be run from its own directory. The first
# instance copies a fixed list of files to /tmp/<stamp>_<pid> and runs itself there; the second one unpacks the installer
# and runs its main script. Children run in the background and are waited for, so that a signal is acted upon at once.

PATH=/bin:/usr/bin:$PATH
PERLLIB=./lib/5.6.1
export PATH PERLLIB
unset PERL5LIB

main_script=product.pl
child=
working_copy=

# Called by the trap below, too.
# shellcheck disable=SC2317
clean_up() {
    if [ -n "$working_copy" ]; then
        cd / && rm -rf "$working_copy"
    fi
}

# Called by the trap below only.
# shellcheck disable=SC2317
interrupted() {
    trap '' HUP INT QUIT TERM
    if [ -n "$child" ]; then
        kill -TERM "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    fi
    clean_up
    exit 1
}

find_command() {
    for directory in $2; do
        if [ -x "$directory/$1" ]; then
            echo "$directory/$1"
            return 0
        fi
    done
    echo "Unable to find $1." >&2
    return 1
}

trap interrupted HUP INT QUIT TERM

if [ ! -f .exists ]; then
    working_copy=/tmp/$(date +%Y_%m_%d_%H_%M_%S)_$$
    mkdir -m 0700 "$working_copy" || exit 1
    cp install.sh data.tar.gz installer.tar.gz iscript.tar.gz gunzip ospatchlist.txt "$working_copy"
    for optional in tar ip_description.xml read_me.html release_notes.html genesys_license_agreement.txt genesys_silent.ini \
        GCTISetup.ini gunzip_user_license_agreement.txt tar_gunzip_license.txt; do
        if [ -f "$optional" ]; then
            cp "$optional" "$working_copy"
        fi
    done
    if [ -d release_notes ]; then
        cp -R release_notes "$working_copy"
    fi
    pwd > "$working_copy/launch_directory.txt"
    cd "$working_copy" || exit 1
    : > .exists
    # The package passes its arguments on unquoted: a path with a blank falls apart here.
    # shellcheck disable=SC2048,SC2086
    ./install.sh $* &
    child=$!
    wait "$child"
    code=$?
    child=
    clean_up
    exit "$code"
fi

gunzip_command=$(find_command gunzip ". /usr/local/bin /usr/bin /usr/contrib/bin") || exit 2
tar_command=$(find_command tar ". /bin /usr/bin /usr/local/bin") || exit 2
for archive in installer.tar.gz iscript.tar.gz; do
    "$gunzip_command" -c "$archive" | "$tar_command" xf - || exit 2
done

# shellcheck disable=SC2048,SC2086
./Perl "$main_script" $* &
child=$!
wait "$child"
code=$?
child=
./cleanup.sh
rm -rf "$main_script" uninstall
exit "$code"
