#!/usr/bin/env bash
# Runs .ci/run as on a bare machine: in a new Debian root with only Node, as root, with the committed state cloned below
# /root (mode 0700), while one core is kept busy.
#
#   tools/checks/bare.sh                    twice in a row, each in a new clone
#   tools/checks/bare.sh 1 'npm test'       once, with another command
#
# Needs root, debootstrap and a Debian mirror. The root is kept in $DAYBOOK_BARE (/var/tmp/daybook-bare) between runs
# as a pristine copy; what a run installs is removed afterwards, and its processes end with it.
set -euo pipefail

times=${1:-2}
command=${2:-bash .ci/run}
here=$(cd "$(dirname "$0")/../.." && pwd)
store=${DAYBOOK_BARE:-/var/tmp/daybook-bare}
pristine=$store/pristine
suite=bookworm

[ "$(id -u)" = 0 ] || { echo 'bare.sh makes a root of its own and must run as root.' >&2; exit 1; }
type -P debootstrap >/dev/null || { echo 'debootstrap is missing: apt-get install debootstrap' >&2; exit 1; }

if [ ! -e "$pristine/made" ]; then
  rm -rf "$store"
  mkdir -p "$pristine"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$pristine" >"$store/debootstrap.log"
  # The machine's own Node with its npm, as unpacked from an archive.
  npm_home=$(dirname "$(dirname "$(readlink -f "$(type -P npm)")")")
  mkdir -p "$pristine/usr/local/lib/node_modules"
  cp -L "$(type -P node)" "$pristine/usr/local/bin/node"
  cp -a "$npm_home" "$pristine/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$pristine/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$pristine/usr/local/bin/npx"
  touch "$pristine/made"
fi

# How this machine reaches its registries: names, certificates, proxies and mirrors.
passed=()
while IFS= read -r line; do passed+=("$line"); done < <(
  env | grep -E '^(npm_config_|NPM_CONFIG_|PIP_(CERT|INDEX|TRUSTED|DEFAULT)|SSL_CERT_|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)[^=]*=' || true
)

busy=
root=
cleanup() {
  [ -z "$busy" ] || kill "$busy" 2>/dev/null || true
  [ -z "$root" ] || rm -rf --one-file-system "$root"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

for run in $(seq "$times"); do
  root=$store/run-$$
  cp -a "$pristine" "$root"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  cp -L /etc/hosts "$root/etc/hosts"
  [ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  chmod 700 "$root/root"
  git clone -q "$here" "$root/root/daybook"
  [ ! -d "$here/../shared/data" ] || { mkdir "$root/root/shared" && cp -a "$here/../shared/data" "$root/root/shared/"; }

  (exec nice -n 0 sh -c 'while :; do :; done') &
  busy=$!
  began=$SECONDS
  printf '\nRun %s of %s in a bare root: %s\n' "$run" "$times" "$command"
  status=0
  # Separate namespaces: mounts and processes of the run are gone when it ends.
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1; shift
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/dev/shm"
    exec chroot "$root" "$@"
  ' bare "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    "${passed[@]}" bash -c "cd /root/daybook && $command" </dev/null || status=$?
  kill "$busy" && wait "$busy" 2>/dev/null || true
  busy=
  printf 'Run %s of %s ended with status %s after %s s.\n' "$run" "$times" "$status" $((SECONDS - began))
  rm -rf "$store/results-$run"
  [ ! -d "$root/root/daybook/test-results" ] || cp -a "$root/root/daybook/test-results" "$store/results-$run"
  rm -rf --one-file-system "$root"
  root=
  [ "$status" = 0 ] || exit "$status"
done
