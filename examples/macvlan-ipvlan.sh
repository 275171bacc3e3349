#!/bin/sh
# Containers on one NIC, without a bridge: by macvlan with link layer addresses of their own, by ipvlan with the NIC's. What reaches whom
# in which mode is tried with pings; the wire's counters show what did not leave the host.
# Run it by `tapstack run -- sh examples/macvlan-ipvlan.sh`; as root on a Linux machine it does the same there.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# answers NAMESPACE ADDRESS yes|no
answers() {
  if ip netns exec "$1" ping -q -c 1 -W 1 "$2" >/dev/null 2>&1; then got=yes; else got=no; fi
  echo "  $1 -> $2: $got"
  [ "$got" = "$3" ] || { echo "expected: $3" >&2; exit 1; }
}

# Frames that the NIC has sent.
sent() {
  ip -j -s link show dev nic | sed 's/.*"tx":{[^}]*"packets":\([0-9]*\).*/\1/'
}

# The NIC, and the network behind its wire.
ip netns add lan
ip link add nic type veth peer name host netns lan
ip link set nic up
ip addr add 10.0.0.20/24 dev nic
ip -n lan link set lo up
ip -n lan link set host up
ip -n lan addr add 10.0.0.1/24 dev host

container() {
  name=$1 address=$2
  shift 2
  ip netns add "$name"
  ip link add link nic name "$name" "$@"
  ip link set "$name" netns "$name" name eth0
  ip -n "$name" link set lo up
  ip -n "$name" addr add "$address/24" dev eth0
  ip -n "$name" link set eth0 up
}

container c1 10.0.0.11 type macvlan mode bridge
container c2 10.0.0.12 type macvlan mode bridge
show ip -n c1 -d link show eth0
echo; echo "macvlan, bridge: siblings speak to each other, within the host"
answers c1 10.0.0.1 yes
answers c1 10.0.0.12 yes
before=$(sent)
ip netns exec c1 ping -q -c 10 -i 0.2 10.0.0.12 >/dev/null
left=$(($(sent) - before))
echo "  of 10 questions and answers, $left frames left by the wire"
# By the wire they would be 20; what a device says of itself on IPv6 leaves too.
[ "$left" -lt 20 ] || { echo "the frames went by the wire" >&2; exit 1; }
echo "macvlan: and nobody speaks to the host's own address"
answers c1 10.0.0.20 no

echo; echo "macvlan, private: siblings are strangers"
ip -n c1 link set eth0 type macvlan mode private
ip -n c2 link set eth0 type macvlan mode private
ip -n c1 neigh flush dev eth0
answers c1 10.0.0.12 no
answers c1 10.0.0.1 yes

ip -n c1 link del eth0
ip -n c2 link del eth0
ip netns del c1
ip netns del c2

echo; echo "ipvlan, l2: one link layer address, found by the IP address"
container c1 10.0.0.11 type ipvlan mode l2
container c2 10.0.0.12 type ipvlan mode l2
show ip -n c1 -d link show eth0
answers c1 10.0.0.1 yes
answers c1 10.0.0.12 yes
answers lan 10.0.0.12 yes
if ip -n c2 addr add 10.0.0.11/24 dev eth0; then
  echo "an address was given twice" >&2
  exit 1
fi

echo; echo "ipvlan, l3: no ARP; the network must know the way"
ip -n c1 link set eth0 type ipvlan mode l3
ip -n lan neigh flush dev host
answers c1 10.0.0.12 yes
nic=$(ip -j link show dev nic | sed 's/.*"address":"\([^"]*\)".*/\1/')
ip -n lan neigh replace 10.0.0.11 lladdr "$nic" dev host
answers c1 10.0.0.1 yes
