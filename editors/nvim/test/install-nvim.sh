#!/bin/bash
# install-nvim.sh PREFIX   Puts a current Neovim into PREFIX/bin/nvim.
#
# Debian's stable releases have versions that are too old, and a newer one needs a newer libc. So the
# package is taken from a later suite together with all it depends on, libc included, and unpacked into a
# folder: nothing of the system's own packages changes, but for patchelf, which is installed where it is
# missing. Afterwards PREFIX can't be moved.
set -euo pipefail
prefix=$(realpath -m "${1:?install-nvim.sh PREFIX}")
suite=${NVIM_SUITE:-forky}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() { echo "install-nvim.sh: $*" >&2; exit 1; }
command -v apt-get >/dev/null && [ -r $keyring ] ||
  die "this is no Debian: install Neovim 0.11 or newer yourself and have it in the PATH"
arch=$(dpkg --print-architecture)
# Where this machine gets its Debian packages from, in either of the two formats of apt's sources.
mirror=${DEBIAN_MIRROR:-}
if [ -z "$mirror" ]; then
  for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] || continue
    mirror=$(sed -nE 's/^(URIs:|deb( +\[[^]]*\])?) +([a-z]+:[^ ]*\/debian)\/?( .*)?$/\3/p' "$file" | sed -n 1p)
    [ -z "$mirror" ] || break
  done
fi
[ -n "$mirror" ] || die "apt's sources name no Debian mirror: set DEBIAN_MIRROR"

# apt with a state of its own and no package installed, so that it fetches everything Neovim needs.
rm -rf "$prefix.new"
state=$prefix.new/.apt
mkdir -p "$state"/{etc/apt.conf.d,etc/preferences.d,lists/partial,archives/partial}
: >"$state/status"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/etc/sources.list"
apt=(apt-get -qq
  -o Dir::Etc="$state/etc" -o Dir::Etc::sourcelist="$state/etc/sources.list" -o Dir::Etc::sourceparts=-
  -o Dir::State::lists="$state/lists"
  -o Dir::State::status="$state/status" -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives"
  -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o APT::Architecture="$arch"
  -o Acquire::Languages=none -o pkgCacheGen::Essential=none -o Debug::NoLocking=true)
"${apt[@]}" update
"${apt[@]}" -y --download-only install neovim
for deb in "$state"/archives/*.deb; do dpkg -x "$deb" "$prefix.new"; done
rm -rf "$state"

if ! command -v patchelf >/dev/null; then
  apt-get -qq update
  apt-get -y -qq install --no-install-recommends patchelf >/dev/null
fi
rm -rf "$prefix"
mv "$prefix.new" "$prefix"
# RPATH and not RUNPATH: it has to hold for the libraries' own dependencies too.
loader=$(find "$prefix/usr" -name 'ld-linux*.so.*' | sed -n 1p)
libs=$(find "$prefix/usr" -name 'libc.so.6' -printf '%h\n' | sed -n 1p)
[ -n "$loader" ] && [ -n "$libs" ] || die "the packages hold no libc"
patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libs" "$prefix/usr/bin/nvim"
mkdir -p "$prefix/bin"
ln -sf ../usr/bin/nvim "$prefix/bin/nvim"
"$prefix/bin/nvim" --version | sed -n 1p
