#!/bin/sh
# A NIC is tuned as a guide to tuning has it: longer rings, interrupts moderated, offloads, more channels with a table that spreads
# flows over them, a rule that sends one service to a queue of its own. Then traffic shows in the counters of the queues, and that
# the features of a pair of cables act.
# Run it by `tapstack run --nic eth0 -- sh examples/nic-tuning.sh`; without a NIC it makes do with the pair.
set -eu

# Shows a command and runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Ends the script unless COMMAND prints WORDS.
expects() {
  words=$1
  shift
  if ! "$@" | grep -q -- "$words"; then
    echo "$* does not say: $words" >&2
    exit 1
  fi
  echo "# $*: $words"
}

# What a device has counted of NAME.
counter() {
  ethtool -S "$1" | sed -n "s/^ *$2: //p"
}

if ip link show dev eth0 >/dev/null 2>&1; then
  echo "# the NIC as it comes, and tuned"
  show ethtool -i eth0
  show ethtool -G eth0 rx 4096 tx 4096
  show ethtool -C eth0 rx-usecs 100 tx-usecs 100
  show ethtool -K eth0 gro on gso on tso on
  show ethtool -L eth0 combined 4
  show ethtool -X eth0 weight 3 1
  show ethtool -N eth0 flow-type tcp4 dst-port 80 action 2
  expects 'RX:		4096' ethtool -g eth0
  expects 'rx-usecs: 100' ethtool -c eth0
  expects 'Combined:	4' ethtool -l eth0
  expects 'Direct to queue 2' ethtool -n eth0

  echo
  echo "# what it sends is counted by the driver, by its queues and by ip alike"
  show ip address add 192.0.2.1/24 dev eth0
  show ip link set eth0 up
  show ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0
  ping -c 5 -i 0.2 -W 1 192.0.2.2 >/dev/null || true
  sent=$(counter eth0 tx_packets)
  queues=0
  for queue in 0 1 2 3; do
    queues=$((queues + $(counter eth0 "tx_queue_${queue}_packets")))
  done
  echo "# sent $sent frames, the queues together $queues"
  [ "$sent" -ge 5 ] && [ "$sent" -eq "$queues" ]
fi

echo
echo "# features depend on each other: without checksums nothing can be cut into segments"
show ip link add v0 type veth peer name v1
expects 'tcp-segmentation-offload: on' ethtool -k v0
show ethtool -K v0 tx off
expects 'tcp-segmentation-offload: off' ethtool -k v0
show ethtool -K v0 tx on
expects 'tcp-segmentation-offload: on' ethtool -k v0

echo
echo "# and what a pair has not got is refused"
if ethtool -G v0 rx 4096; then
  echo "a pair has rings?" >&2
  exit 1
fi
echo
echo "# done"
