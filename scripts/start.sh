#!/usr/bin/env bash
# `npm start`: installs, builds, and shows tapstack at work: a private instance runs examples/router.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

node scripts/ensure-built.mjs

if [ ! -e /dev/net/tun ]; then
  missing="/dev/net/tun is not there"
elif [ "$(id -u)" -ne 0 ] || [ ! -w /dev/net/tun ]; then
  missing="making a TAP wants root"
fi
if [ -n "${missing:-}" ]; then
  echo "Note: $missing, so a stack cannot be joined to this machine's own network (--nic ...,tap=); all else works."
fi

echo
echo "A private instance of tapstack runs examples/router.sh: its namespaces, devices and packets are all inside one process."
bin/tapstack run -- sh examples/router.sh

cat <<'END'

That was a Linux network without the kernel's. What to try next:

  bin/tapstack shell                       a shell in a private instance: ip, ping and sysctl are its own
  bin/tapstack up --name lab               an instance that lasts; TAPSTACK_INSTANCE=lab bin/ip link
  bin/tapstack run -- sh YOUR_SCRIPT.sh    your own script of ip commands
  bin/tapstack up --name lab --nic eth0,tap=lab0
                                           as root: joined to this machine by the TAP lab0
  npm test                                 the tests

README.md says the rest; bin/tapstack down --name lab ends what up has started.
END
