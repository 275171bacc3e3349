#!/bin/sh
# One tunnel device for many networks: red has a single external vxlan and a single external gre device, and its routes say in which
# network and to which host packets go (`encap`). Between the hosts is no IPv4 net at all: their IPv4 routes go by IPv6 gateways.
# Run it by `tapstack run -- sh examples/tunnel-external.sh`; as root on a Linux machine, `sh examples/tunnel-external.sh` does the same there.
set -eu

# Shows a command and runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Shows a command that has to fail, and runs it.
fails() {
  printf '\n$ %s\n' "$*"
  if "$@"; then
    echo "this should not have worked" >&2
    exit 1
  fi
}

echo "# the network below: red, green and blue at one router; only loopback addresses are of IPv4"
show ip netns add router
for host in red green blue; do
  show ip netns add "$host"
  show ip link add eth0 netns "$host" type veth peer name "to-$host" netns router
  show ip -n "$host" link set eth0 up
  show ip -n router link set "to-$host" up
  show ip -n "$host" address add fe80::2/64 dev eth0 nodad
  show ip -n router address add fe80::1/64 dev "to-$host" nodad
done
number=1
for host in red green blue; do
  show ip -n "$host" link set lo up
  show ip -n "$host" address add "192.0.2.$number/32" dev lo
  show ip -4 -n "$host" route add default via inet6 fe80::1 dev eth0 src "192.0.2.$number"
  show ip -n router route add "192.0.2.$number" via inet6 fe80::2 dev "to-$host"
  number=$((number + 1))
done
show ip -n router link set lo up
show ip -n router address add 192.0.2.254/32 dev lo
show ip netns exec router sysctl -w net.ipv4.ip_forward=1
show ip -n router route
show ip netns exec red ping -c 1 192.0.2.3

echo
echo "# the overlay: one device each, and routes that say the network and the host"
for host in red green blue; do
  show ip -n "$host" link add vx0 type vxlan external dstport 4789
  show ip -n "$host" link set vx0 up
done
show ip -n red address add 10.0.0.1/32 dev vx0
show ip -n green address add 10.0.0.2/32 dev vx0
show ip -n blue address add 10.0.0.3/32 dev vx0
show ip -n red route add 10.0.0.2 encap ip id 12 src 192.0.2.1 dst 192.0.2.2 dev vx0
show ip -n green route add 10.0.0.1 encap ip id 12 src 192.0.2.2 dst 192.0.2.1 dev vx0
show ip -n red nexthop add id 13 encap ip id 13 src 192.0.2.1 dst 192.0.2.3 dev vx0
show ip -n red route add 10.0.0.3 nhid 13
show ip -n blue route add 10.0.0.1 encap ip id 13 src 192.0.2.3 dst 192.0.2.1 dev vx0
show ip -n red route
show ip netns exec red ping -c 2 -i 0.2 10.0.0.2
show ip netns exec red ping -c 2 -i 0.2 10.0.0.3

echo
echo "# who has no route says nothing, and the wrong host does not answer"
fails ip netns exec green ping -c 1 -W 1 10.0.0.3
show ip -n red nexthop replace id 13 encap ip id 13 src 192.0.2.1 dst 192.0.2.2 dev vx0
fails ip netns exec red ping -c 1 -W 1 10.0.0.3

echo
echo "# the same with GRE, the key by the route"
for host in red green; do
  show ip -n "$host" link add gre1 type gre external
  show ip -n "$host" link set gre1 up
done
show ip -n red address add 10.1.0.1/32 dev gre1
show ip -n green address add 10.1.0.2/32 dev gre1
show ip -n red route add 10.1.0.2 encap ip id 7 dst 192.0.2.2 key ttl 64 dev gre1
show ip -n green route add 10.1.0.1 encap ip id 7 dst 192.0.2.1 key ttl 64 dev gre1
show ip netns exec red ping -c 2 -i 0.2 10.1.0.2
show ip -s -n green link show dev gre1
