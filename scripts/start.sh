#!/usr/bin/env bash
# `npm start`: installs, builds, and shows tapstack at work: a private instance runs examples/router.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

node scripts/ensure-built.mjs

if [ ! -w /dev/net/tun ]; then
  echo "Note: /dev/net/tun is $([ -e /dev/net/tun ] && echo 'not yours to open' || echo 'not there'), so a stack cannot be joined to this machine's network by a TAP; all else works."
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
