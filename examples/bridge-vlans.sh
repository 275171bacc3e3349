#!/bin/sh
# A switch with two VLANs: red and pink are in VLAN 10, blue and navy in VLAN 20. Each reaches its own colour only, until a router
# with a leg in both VLANs, by one cable with tags, joins them.
# Run it by `tapstack run -- sh examples/bridge-vlans.sh`; as root on a Linux machine, `sh examples/bridge-vlans.sh` does the same there.
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

# host NAME VLAN ADDRESS ROUTER: a host at an untagged port of its VLAN.
host() {
  show ip netns add "$1"
  show ip link add "to-$1" type veth peer name eth0 netns "$1"
  show ip link set "to-$1" up master br0
  show bridge vlan del dev "to-$1" vid 1
  show bridge vlan add dev "to-$1" vid "$2" pvid untagged
  show ip -n "$1" address add "$3/24" dev eth0
  show ip -n "$1" link set eth0 up
  show ip -n "$1" route add default via "$4"
}

show ip link add br0 type bridge vlan_filtering 1
show ip link set br0 up
host red 10 10.0.10.1 10.0.10.254
host pink 10 10.0.10.2 10.0.10.254
host blue 20 10.0.20.1 10.0.20.254
host navy 20 10.0.20.2 10.0.20.254

echo
echo "# a router at a port that carries both VLANs, with tags"
show ip netns add router
show ip link add trunk type veth peer name eth0 netns router
show ip link set trunk up master br0
show bridge vlan add dev trunk vid 10
show bridge vlan add dev trunk vid 20
show ip -n router link set eth0 up
for vlan in 10 20; do
  show ip -n router link add link eth0 name "eth0.$vlan" type vlan id "$vlan"
  show ip -n router address add "10.0.$vlan.254/24" dev "eth0.$vlan"
  show ip -n router link set "eth0.$vlan" up
done
show bridge vlan

echo
echo "# within a VLAN, all is well; red does not reach blue even at an address of its own network"
show ip netns exec red ping -c 2 -i 0.2 10.0.10.2
show ip netns exec blue ping -c 2 -i 0.2 10.0.20.2
show ip -n blue address add 10.0.10.77/24 dev eth0
fails ip netns exec red ping -c 1 -W 1 10.0.10.77
show ip -n blue address del 10.0.10.77/24 dev eth0

echo
echo "# between VLANs, by the router alone, once it forwards"
fails ip netns exec red ping -c 1 -W 1 10.0.20.1
show ip netns exec router sysctl -w net.ipv4.ip_forward=1
show ip netns exec red ping -c 2 -i 0.2 10.0.20.1
show ip netns exec navy ping -c 2 -i 0.2 10.0.10.2

echo
echo "# the switch knows who is where"
show bridge fdb show br br0 dynamic
show bridge link
