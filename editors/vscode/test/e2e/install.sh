#!/bin/bash
# install.sh PREFIX   Puts what the end-to-end tests drive into PREFIX: VS Code's workbench as code-server serves
# it, the Node it needs and Playwright, as the lock file beside this script says. A browser is installed where the
# system has none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(realpath -m "${1:?install.sh PREFIX}")

if ! command -v chromium >/dev/null; then
  command -v apt-get >/dev/null || { echo "install.sh: this is no Debian: install Chromium yourself and have it in the PATH as chromium" >&2; exit 1; }
  apt-get -qq update
  # Without a font all text has the same wrong width, and nothing recommends one.
  apt-get -qq -y install --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi

rm -rf "$prefix.new"
mkdir -p "$prefix.new"
cp "$here"/{package.json,package-lock.json,.npmrc} "$prefix.new"
cd "$prefix.new"
# Scripts of packages build native modules (terminal, keychain) that no test needs; code-server's own would then
# install the workbench's packages, which is done here.
quiet=(--ignore-scripts --no-audit --no-fund --loglevel=error)
npm ci "${quiet[@]}"
vscode=node_modules/code-server/lib/vscode
(cd $vscode && npm install --omit=dev "${quiet[@]}")
(cd $vscode/extensions && npm install --omit=dev "${quiet[@]}")
# Neither is asked for anything here. The language server of TypeScript would take most of a small machine, and its
# actions come into a menu when it is open already, under the pointer.
rm -rf $vscode/node_modules/@github $vscode/extensions/{copilot,mermaid-markdown-features,typescript-language-features}
rm -rf "$prefix"
mv "$prefix.new" "$prefix"
