#!/bin/sh
# One router, two providers: the office leaves by the cheap line, the servers by the good one, and marked packets of the router itself too.
# Both providers own 9.9.9.9; the counters of their wires show which of them was used.
# Run it by `tapstack run -- sh examples/policy-routing.sh`; as root on a Linux machine it does the same there.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Packets that a device has received.
received() {
  ip -j -s -n "$1" link show dev "$2" | sed 's/.*"rx":{[^}]*"packets":\([0-9]*\).*/\1/'
}

# goes NAMESPACE PROVIDER PING-WORDS...: pings go that way, and only that way.
goes() {
  from=$1 by=$2
  shift 2
  other=good
  [ "$by" = good ] && other=cheap
  ip netns exec "$from" ping -q -c 1 "$@" 9.9.9.9 >/dev/null
  used=$(received "$by" wan) idle=$(received "$other" wan)
  show ip netns exec "$from" ping -q -c 5 -i 0.2 "$@" 9.9.9.9
  used=$(($(received "$by" wan) - used)) idle=$(($(received "$other" wan) - idle))
  echo "$by: $used packets, $other: $idle"
  [ "$used" -ge 5 ] && [ "$idle" -lt 5 ] || { echo "the packets went the wrong way" >&2; exit 1; }
}

for name in router office servers cheap good; do show ip netns add "$name"; done
network=1
for name in office servers; do
  show ip link add "$name" netns router type veth peer name lan netns "$name"
  show ip -n router address add "10.0.$network.1/24" dev "$name"
  show ip -n router link set "$name" up
  show ip -n "$name" address add "10.0.$network.2/24" dev lan
  show ip -n "$name" link set lan up
  show ip -n "$name" route add default via "10.0.$network.1"
  network=$((network + 1))
done
network=1
for name in cheap good; do
  show ip link add "$name" netns router type veth peer name wan netns "$name"
  show ip -n router address add "192.0.$network.1/24" dev "$name"
  show ip -n router link set "$name" up
  show ip -n "$name" address add "192.0.$network.2/24" dev wan
  show ip -n "$name" address add 9.9.9.9/32 dev wan
  show ip -n "$name" link set wan up
  show ip -n "$name" route add default via "192.0.$network.1"
  network=$((network + 1))
done
show ip netns exec router sysctl -w net.ipv4.ip_forward=1
show ip -n router route add default via 192.0.1.2
show ip -n router route add default via 192.0.2.2 table 100

echo
echo "# everybody leaves by the cheap line"
goes office cheap
goes servers cheap

echo
echo "# servers, and what the router marks, ask table 100 first"
show ip -n router rule add from 10.0.2.0/24 table 100 priority 100
show ip -n router rule add fwmark 1 table 100 priority 200
show ip -n router rule
goes office cheap
goes servers good
goes router cheap
goes router good -m 1

echo
echo "# without the rule it is as before"
show ip -n router rule del from 10.0.2.0/24
goes servers cheap
