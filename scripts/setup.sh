#!/usr/bin/env bash
# Sets up whatever is missing on a Debian or Ubuntu machine: system packages, virtual environment, lab image.
# Safe to run again: what is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
have() { command -v "$1" >/dev/null 2>&1; }

packages=()
usable_docker() { have docker && docker info >/dev/null 2>&1; }
if ! usable_docker; then
    have podman || packages+=(podman)
    have runc || packages+=(runc)
    have mmdebstrap || packages+=(mmdebstrap)
fi
have sipp || packages+=(sip-tester)
have espeak-ng || packages+=(espeak-ng)
# What devices' files and health are tested with: real clients, agents and servers, which the tests start themselves.
have snmpd || packages+=(snmpd)
have snmptrap || packages+=(snmp)
have in.tftpd || [ -x /usr/sbin/in.tftpd ] || packages+=(tftpd-hpa)
have tftp || packages+=(tftp-hpa)
have atftp || packages+=(atftp)
have curl || packages+=(curl)
have ip || packages+=(iproute2)
have dnsmasq || [ -x /usr/sbin/dnsmasq ] || packages+=(dnsmasq-base)
have fail2ban-regex || packages+=(fail2ban)
# What invoices are printed with, and poppler to read them back in the tests.
have pdftotext || packages+=(poppler-utils)
[ -e /usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf ] || packages+=(fonts-ipaexfont)
libraries=$(ldconfig -p)
for library in libpango-1.0 libpangoft2-1.0 libharfbuzz-subset; do
    case $library in libharfbuzz-subset) package=${library}0 ;; *) package=$library-0 ;; esac
    case $libraries in *"$library.so"*) ;; *) packages+=("$package") ;; esac
done
[ -n "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || packages+=(postgresql)
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
if [ ${#packages[@]} -gt 0 ]; then
    echo "installing: ${packages[*]}"
    as_root apt-get update -qq
    # RUNLEVEL=1: what is installed for the tests shall not be started as a service of this machine.
    as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "python3: found $(python3 --version), expected 3.11 or newer" >&2
    exit 2
}
stamp=.venv/denwaban-$(cat requirements.lock pyproject.toml | sha256sum | cut -c1-16)
if [ ! -e "$stamp" ]; then
    echo "virtual environment: .venv"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    rm -f .venv/denwaban-*
    touch "$stamp"
fi
.venv/bin/denwaban lab image
