#!/bin/bash
# Builds the folder a real Asterisk runs from: Debian's unstable suite, bootstrapped beside the system, never into it.
#
#   testbed/build.sh            build the root unless it is there; its path is the only line on standard output
#   testbed/build.sh --print    print the path the root has or would have, and do nothing
#
# The root is kept outside the repository, so that every clone of one user shares it:
#   ${MISSEDCALLS_TESTBED:-${XDG_CACHE_HOME:-$HOME/.cache}/missedcalls/testbed}/root-<hash>
# where <hash> stands for what goes into it. MISSEDCALLS_TESTBED_MIRROR names another Debian mirror than the machine's own.
#
# A run that was interrupted is taken up again at the stage it had reached. A root with its final name is whole.
set -euo pipefail

# What goes into the root. A change here gives it another name, and so a new build.
suite=sid
packages="asterisk asterisk-core-sounds-en-wav asterisk-core-sounds-ru-wav asterisk-moh-opsound-wav"
oldest=22.10.1
layout=2

# What the machine needs: commands to look for, and the Debian packages that bring them.
commands="debootstrap sipp unshare flock nsenter chroot"
host_packages="debootstrap debian-archive-keyring sip-tester util-linux coreutils"

hash=$(printf '%s\n' "$suite" "$packages" "$oldest" "$layout" | sha256sum | cut -c1-12)
base=${MISSEDCALLS_TESTBED:-${XDG_CACHE_HOME:-$HOME/.cache}/missedcalls/testbed}
root=$base/root-$hash
partial=$base/partial-$hash

say() { printf 'testbed: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Debian's mirror as this machine's apt is configured to use it, without the security archive.
mirror() {
    if [ -n "${MISSEDCALLS_TESTBED_MIRROR:-}" ]; then
        echo "$MISSEDCALLS_TESTBED_MIRROR"
        return
    fi
    local found
    found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E '/debian/?$' | sort | uniq -c | sort -rn | awk 'NR == 1 {print $2}' || true)
    echo "${found:-http://deb.debian.org/debian}"
}

missing_commands() {
    local c
    for c in $commands; do
        command -v "$c" >/dev/null 2>&1 || printf '%s ' "$c"
    done
}

install_host_packages() {
    local missing
    missing=$(missing_commands)
    [ -z "$missing" ] && return
    command -v apt-get >/dev/null 2>&1 ||
        die "missing: $missing. This machine has no apt-get; install what Debian calls: $host_packages"
    say "installing on this machine (missing: $missing): $host_packages"
    {
        apt-get -o Acquire::Check-Valid-Until=false update -q &&
            DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $host_packages
    } >&2 || die "apt-get failed; install by hand: apt-get install $host_packages"
    missing=$(missing_commands)
    [ -z "$missing" ] || die "still missing after apt-get: $missing"
}

# Runs a command inside the half-built root. The lock's descriptor stays outside.
inside() {
    DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$partial" "$@" 9>&- >&2
}

stage_base() {
    say "stage 1 of 3: base system, $suite from $(mirror) (about 20 s)"
    rm -rf "$partial"
    mkdir -p "$partial"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$partial" "$(mirror)" 9>&- >&2
    # Services must not start inside; apt uses the proxy the machine's apt uses.
    printf '#!/bin/sh\nexit 101\n' >"$partial/usr/sbin/policy-rc.d"
    chmod 755 "$partial/usr/sbin/policy-rc.d"
    apt-config dump 2>/dev/null | grep -E '^Acquire::[a-z]+::Proxy ' >"$partial/etc/apt/apt.conf.d/90machine-proxy" || true
    touch "$partial/.stage-base"
}

stage_packages() {
    say "stage 2 of 3: $packages (about 30 s)"
    mountpoint -q "$partial/proc" || mount -t proc proc "$partial/proc"
    mountpoint -q "$partial/dev" || mount --rbind /dev "$partial/dev"
    cp /etc/resolv.conf "$partial/etc/resolv.conf" 2>/dev/null || true
    inside dpkg --configure -a
    inside apt-get -q -o Acquire::Check-Valid-Until=false update
    inside apt-get -q -o Dpkg::Use-Pty=0 install -y --no-install-recommends $packages
    inside apt-get clean
    touch "$partial/.stage-packages"
}

# Names Asterisk looks up for every INVITE are answered from a file: asking a name server that is not there costs seconds a call.
stage_finish() {
    say "stage 3 of 3: names, folders, version"
    printf '127.0.0.1 localhost %s A.ROOT-SERVERS.NET a.root-servers.net\n' "$(uname -n)" >"$partial/etc/hosts"
    local folder
    for folder in run lib log spool; do
        case $folder in run) folder=run/asterisk ;; *) folder=var/$folder/asterisk ;; esac
        mkdir -p "$partial/$folder"
        chroot "$partial" chown -R asterisk:asterisk "/$folder" 9>&-
    done
    # A channel's language is "ru", the package's folder "ru_RU_f_IvrvoiceRU"; only English comes with the short name.
    local voice short
    for voice in "$partial"/usr/share/asterisk/sounds/[a-z][a-z]_[A-Z][A-Z]_*; do
        short=$(basename "$voice" | cut -c1-2)
        [ -e "$partial/usr/share/asterisk/sounds/$short" ] || [ -L "$partial/usr/share/asterisk/sounds/$short" ] ||
            ln -s "$(basename "$voice")" "$partial/usr/share/asterisk/sounds/$short"
    done
    version=$(chroot "$partial" /usr/sbin/asterisk -V 9>&- | sed -n 's/^Asterisk \([0-9.]*\).*/\1/p')
    [ -n "$version" ] || die "the installed asterisk does not tell its version"
    [ "$(printf '%s\n%s\n' "$oldest" "$version" | sort -V | head -n 1)" = "$oldest" ] ||
        die "the mirror has Asterisk $version; $oldest or later is needed (choose another with MISSEDCALLS_TESTBED_MIRROR)"
    echo "$version" >"$partial/.asterisk-version"
}

build() {
    [ -e "$partial/.stage-base" ] || stage_base
    [ -e "$partial/.stage-packages" ] || stage_packages
    stage_finish
}

main() {
    if [ "${1:-}" = --print ]; then
        echo "$root"
        return
    fi
    if [ "${1:-}" = --inside ]; then
        build
        return
    fi
    [ "$(id -u)" = 0 ] || die "root is needed, for debootstrap and chroot: run this as root (sudo make testbed)"
    install_host_packages
    mkdir -p "$base"
    exec 9>"$base/.lock"
    flock --nonblock 9 || { say "another build holds $base/.lock, waiting for it"; flock 9; }
    if [ ! -e "$root/.asterisk-version" ]; then
        local began=$SECONDS
        # Mounts and processes of the build live in namespaces of their own and end with them, whatever happens.
        unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$BASH" "$0" --inside ||
            die "the build stopped; run it again to go on from $partial, or remove that folder to start anew"
        mv -T "$partial" "$root"
        say "built in $((SECONDS - began)) s"
    fi
    say "Asterisk $(cat "$root/.asterisk-version") in $root"
    echo "$root"
}

main "$@"
