#!/bin/sh
# Two data centres with a router between them, and one Ethernet network over both: red and blue hold addresses of the same net, and
# their frames cross the routed network inside UDP (VXLAN, RFC 7348).
# Run it by `tapstack run -- sh examples/vxlan-overlay.sh`; as root on a Linux machine, `sh examples/vxlan-overlay.sh` does the same there.
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

echo "# the network below: red and blue, and a router between them that knows nothing of what comes"
show ip netns add router
network=1
for host in red blue; do
  show ip netns add "$host"
  show ip link add "to-$host" type veth peer name eth0 netns "$host"
  show ip link set "to-$host" netns router
  show ip -n router address add "192.0.$network.254/24" dev "to-$host"
  show ip -n router link set "to-$host" up
  show ip -n "$host" address add "192.0.$network.1/24" dev eth0
  show ip -n "$host" link set eth0 up
  show ip -n "$host" route add default via "192.0.$network.254"
  network=$((network + 1))
done
show ip netns exec router sysctl -w net.ipv4.ip_forward=1
show ip netns exec red ping -c 1 192.0.2.1

echo
echo "# the overlay: network 42, each end told where the other is"
show ip -n red link add vx42 type vxlan id 42 local 192.0.1.1 remote 192.0.2.1 dstport 4789
show ip -n blue link add vx42 type vxlan id 42 local 192.0.2.1 remote 192.0.1.1 dstport 4789
show ip -n red address add 10.42.0.1/24 dev vx42
show ip -n blue address add 10.42.0.2/24 dev vx42
show ip -n red link set vx42 up
show ip -n blue link set vx42 up
show ip netns exec red ping -c 3 -i 0.2 10.42.0.2
show ip netns exec blue ping -c 1 -s 4000 10.42.0.1

echo
echo "# red and blue are neighbours: one hop, and each knows the other's MAC address"
show ip netns exec red ping -c 1 -t 1 10.42.0.2
show ip -n red neighbour show dev vx42
show ip -d -n red link show dev vx42
show ip -s -n blue link show dev vx42

echo
echo "# another network over the same wires does not hear this one"
show ip -n red link add vx43 type vxlan id 43 local 192.0.1.1 remote 192.0.2.1 dstport 4789
show ip -n red address add 10.43.0.1/24 dev vx43
show ip -n red link set vx43 up
fails ip netns exec red ping -c 1 -W 1 10.43.0.2
