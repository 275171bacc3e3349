#!/bin/sh
# One router, two tenants with the same addresses, each in a VRF of its own; a shared server that both reach through routes that lead from
# one VRF into the other. Counters and answers show that nobody hears what is not for him.
# Run it by `tapstack run -- sh examples/vrf.sh`; as root on a Linux machine it does the same there.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Packets that a device of a namespace has received.
received() {
  ip -j -s -n "$1" link show dev "$2" | sed 's/.*"rx":{[^}]*"packets":\([0-9]*\).*/\1/'
}

fails() {
  if "$@" >/dev/null 2>&1; then
    echo "$* should not have worked" >&2
    exit 1
  fi
  echo "no answer, as it should be: $*"
}

# VRFs, each with a table of its own. Without a default route of its own a VRF would ask the main table next.
for vrf in red:10 blue:20 shared:30; do
  ip link add "${vrf%:*}" type vrf table "${vrf#*:}"
  ip link set "${vrf%:*}" up
  ip route add vrf "${vrf%:*}" unreachable default metric 4278198272
done

# Both tenants are 10.0.0.2/24 behind 10.0.0.1.
for tenant in red blue; do
  ip netns add "$tenant-host"
  ip link add "to-$tenant" type veth peer name eth0 netns "$tenant-host"
  ip link set "to-$tenant" vrf "$tenant"
  ip link set "to-$tenant" up
  ip addr add 10.0.0.1/24 dev "to-$tenant"
  ip -n "$tenant-host" link set lo up
  ip -n "$tenant-host" link set eth0 up
  ip -n "$tenant-host" addr add 10.0.0.2/24 dev eth0
  ip -n "$tenant-host" route add default via 10.0.0.1
done

# The server that is shared.
ip netns add server
ip link add to-server type veth peer name eth0 netns server
ip link set to-server vrf shared
ip link set to-server up
ip addr add 192.0.2.1/24 dev to-server
ip -n server link set lo up
ip -n server link set eth0 up
ip -n server addr add 192.0.2.10/24 dev eth0
ip -n server route add default via 192.0.2.1
sysctl -qw net.ipv4.ip_forward=1

show ip vrf
show ip rule
show ip route show vrf red
show ip route show vrf blue

# The same address, two hosts.
for tenant in red blue; do
  other=blue
  [ "$tenant" = red ] || other=red
  ping -q -c 1 -I "$tenant" 10.0.0.2 >/dev/null 2>&1
  mine=$(received "$tenant-host" eth0) theirs=$(received "$other-host" eth0)
  show ip vrf exec "$tenant" ping -q -c 5 -i 0.2 10.0.0.2
  mine=$(($(received "$tenant-host" eth0) - mine)) theirs=$(($(received "$other-host" eth0) - theirs))
  echo "$tenant-host: $mine packets, $other-host: $theirs"
  [ "$mine" -ge 5 ] && [ "$theirs" -lt 5 ] || { echo "the packets went to the wrong tenant" >&2; exit 1; }
done

# Nobody reaches the server until a route leads there, and one back.
fails ip netns exec red-host ping -c 1 -W 1 192.0.2.10
ip route add 192.0.2.0/24 dev to-server vrf red
ip -n red-host addr add 198.51.100.7/32 dev lo
ip route add 198.51.100.7/32 via 10.0.0.2 vrf red
ip route add 198.51.100.7/32 dev red vrf shared
show ip route show vrf red
show ip netns exec red-host ping -c 3 -i 0.2 -I 198.51.100.7 192.0.2.10
fails ip netns exec blue-host ping -c 1 -W 1 192.0.2.10
fails ping -c 1 -W 1 10.0.0.2
show ip -s link show red
