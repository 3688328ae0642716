#!/bin/bash
# Makes the prompts: sounds/<language>/<name>.wav of every line of texts.txt that is new or was changed, and
# sounds/manifest.txt, which tells of which text each was made. What has no line any more is removed.
#
#   app/prompts/make.sh          what changed
#   app/prompts/make.sh --all    everything
#
# The voices are festival's. As root on Debian it installs what is missing; elsewhere it says what to install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export LC_ALL=C.UTF-8

texts=texts.txt
manifest=sounds/manifest.txt
packages="festival festvox-ru festvox-us-slt-hts sox"

die() { printf 'prompts: %s\n' "$*" >&2; exit 1; }

voice() {
    case $1 in
    ru) echo voice_msu_ru_nsh_clunits ;;
    en) echo voice_cmu_us_slt_arctic_hts ;;
    *) die "$texts: no voice for the language $1; name one here" ;;
    esac
}

install_missing() {
    local package missing=()
    for package in $packages; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; } ||
        die "missing: ${missing[*]}; install them (apt-get install ${missing[*]}), or run this as root on Debian"
    apt-get -o Acquire::Check-Valid-Until=false update -q >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# speak LANGUAGE NAME TEXT OUT: silence around the sound goes, its ends are faded, and it is as loud as Asterisk's own
# prompts.
speak() {
    local language=$1 name=$2 text=$3 out=$4 spoken=$scratch/spoken.wav
    printf '%s\n' "$text" >"$scratch/text"
    text2wave -eval "($(voice "$language"))" "$scratch/text" -o "$spoken" || die "festival could not say $language $name"
    sox -D "$spoken" -r 8000 -c 1 -b 16 -e signed-integer "$scratch/out.wav" \
        silence 1 0.01 0.15% reverse silence 1 0.01 0.15% fade t 0.008 reverse fade t 0.008 norm -5 pad 0.02 0.04
    mv "$scratch/out.wav" "$out"
}

sum() { sha256sum | cut -d' ' -f1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

made=0
: >"$scratch/manifest"
while read -r language name version text; do
    case $language in '' | '#'*) continue ;; esac
    [ -n "$text" ] || die "$texts: $language $name: language, name, version and text are needed"
    wav=sounds/$language/$name.wav
    hash=$(printf '%s %s %s %s' "$language" "$name" "$version" "$text" | sum)
    if [ "${1:-}" = --all ] || [ ! -e "$wav" ] || ! grep -qxF "$language/$name.wav $hash $(sum <"$wav")" "$manifest" 2>/dev/null; then
        [ "$made" -gt 0 ] || install_missing
        mkdir -p "sounds/$language"
        speak "$language" "$name" "$text" "$wav"
        echo "made $wav" >&2
        made=$((made + 1))
    fi
    echo "$language/$name.wav $hash $(sum <"$wav")" >>"$scratch/manifest"
done <"$texts"
sort -o "$scratch/manifest" "$scratch/manifest"

for wav in sounds/*/*.wav; do
    grep -q "^${wav#sounds/} " "$scratch/manifest" || { rm "$wav"; echo "removed $wav" >&2; }
done
cat "$scratch/manifest" >"$manifest"
echo "prompts: $(wc -l <"$manifest"), made now: $made, $(du -bc sounds/*/*.wav | tail -n 1 | cut -f1) bytes" >&2
