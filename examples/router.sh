#!/bin/sh
# Three hosts in three networks, and a router between them: red, green and blue reach each other only through "router".
# Run it by `tapstack run -- sh examples/router.sh`; as root on a Linux machine, `sh examples/router.sh` does the same there.
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

# The bytes and packets that a device of the router has passed.
packets() {
  ip -j -s -n router link show dev "$1" | sed 's/.*"rx":{[^}]*"packets":\([0-9]*\).*"tx":{[^}]*"packets":\([0-9]*\).*/\1 in, \2 out/'
}

show ip netns add router
network=1
for host in red green blue; do
  show ip netns add "$host"
  show ip link add "to-$host" type veth peer name eth0 netns "$host"
  show ip link set "to-$host" netns router
  show ip -n router address add "10.0.$network.1/24" dev "to-$host"
  show ip -n router link set "to-$host" up
  show ip -n "$host" address add "10.0.$network.2/24" dev eth0
  show ip -n "$host" link set eth0 up
  show ip -n "$host" route add default via "10.0.$network.1"
  network=$((network + 1))
done

show ip netns list
show ip -br -n router address
show ip -n red route

echo
echo "# red reaches its router, but nothing behind it: the router does not forward yet"
show ip netns exec red ping -c 2 -i 0.2 10.0.1.1
fails ip netns exec red ping -c 1 -W 1 10.0.2.2

echo
echo "# now it does"
show ip netns exec router sysctl -w net.ipv4.ip_forward=1
show ip netns exec red ping -c 3 -i 0.2 10.0.2.2
show ip netns exec green ping -c 3 -i 0.2 10.0.3.2
show ip netns exec blue ping -c 3 -i 0.2 10.0.1.2

echo
echo "# one hop is too few, and the router says so"
fails ip netns exec red ping -c 1 -t 1 10.0.3.2

echo
echo "# the router knows who is on its wires, and what went through them"
show ip -n router neighbour
show ip -n router route
for host in red green blue; do
  printf '%s: %s\n' "to-$host" "$(packets "to-$host")"
done
