#!/bin/sh
# Two ways to one place, shared three to one, as a group of nexthop objects; when one of them goes, the other carries everything.
# Run it by `tapstack run -- sh examples/ecmp.sh`; as root on a Linux machine it does the same there.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Packets that the router has sent by a device.
sent() {
  ip -j -s -n router link show dev "$1" | sed 's/.*"tx":{[^}]*"packets":\([0-9]*\).*/\1/'
}

# Pings 60 addresses behind the router and says how many packets each way has carried.
spread() {
  left=$(sent left) right=$(sent right)
  host=1
  while [ $host -le 60 ]; do
    ip netns exec client ping -q -c 1 "172.16.0.$host" >/dev/null
    host=$((host + 1))
  done
  left=$(($(sent left) - left)) right=$(($(sent right) - right))
  echo "left: $left packets, right: $right packets"
}

for name in client router far; do show ip netns add "$name"; done
show ip link add lan netns router type veth peer name eth0 netns client
show ip link add left netns router type veth peer name left netns far
show ip link add right netns router type veth peer name right netns far
show ip -n client address add 10.0.0.2/24 dev eth0
show ip -n client link set eth0 up
show ip -n client route add default via 10.0.0.1
show ip -n router address add 10.0.0.1/24 dev lan
show ip -n router address add 10.1.0.1/24 dev left
show ip -n router address add 10.2.0.1/24 dev right
for device in lan left right; do show ip -n router link set "$device" up; done
show ip -n far address add 10.1.0.2/24 dev left
show ip -n far address add 10.2.0.2/24 dev right
for device in lo left right; do show ip -n far link set "$device" up; done
# All of 172.16.0.0/24 is there, and answers.
show ip -n far route add local 172.16.0.0/24 dev lo
show ip -n far route add default via 10.1.0.1
show ip netns exec router sysctl -w net.ipv4.ip_forward=1
for name in all default left right; do ip netns exec far sysctl -qw "net.ipv4.conf.$name.rp_filter=0"; done

echo
echo "# a group: the right way gets three times what the left one gets"
show ip -n router nexthop add id 1 via 10.1.0.2 dev left
show ip -n router nexthop add id 2 via 10.2.0.2 dev right
show ip -n router nexthop add id 10 group 1/2,3
show ip -n router route add 172.16.0.0/24 nhid 10
show ip -n router nexthop
show ip -n router route show 172.16.0.0/24
spread
[ "$left" -gt 3 ] && [ "$right" -gt "$left" ] || { echo "that is not three to one" >&2; exit 1; }

echo
echo "# the right way goes: the left one carries everything"
show ip -n router nexthop del id 2
show ip -n router nexthop
spread
[ "$left" -ge 60 ] || { echo "the left way does not carry everything" >&2; exit 1; }
