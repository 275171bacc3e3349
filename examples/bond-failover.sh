#!/bin/sh
# A host with two cables to a switch, bonded: one works, the other waits. When the first is cut the second takes over, and the
# switch hears at once where the host is now. Then the same two cables share the load, arranged with the other end by LACP.
# Run it by `tapstack run -- sh examples/bond-failover.sh`; as root on a Linux machine, `sh examples/bond-failover.sh` does the same there.
set -eu

# Shows a command and runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Ends the script unless the bond says WORDS of itself.
expects() {
  if ! ip -d -n host link show dev bond0 | grep -q -- "$1"; then
    echo "bond0 does not say: $1" >&2
    exit 1
  fi
  echo "# bond0: $1"
}

echo "# a switch, and a host with two cables to it"
show ip netns add host
show ip netns add switch
for n in 0 1; do
  show ip link add "eth$n" netns host type veth peer name "port$n" netns switch
done
show ip -n switch link add sw type bridge
show ip -n switch address add 10.0.0.254/24 dev sw
show ip -n switch link set sw up
for n in 0 1; do
  show ip -n switch link set "port$n" up master sw
done

echo
echo "# the bond: eth0 where it can, the wires looked at ten times a second"
show ip -n host link add bond0 type bond mode active-backup miimon 100 num_grat_arp 2
for n in 0 1; do
  show ip -n host link set "eth$n" master bond0
done
show ip -n host link set bond0 type bond primary eth0
show ip -n host address add 10.0.0.1/24 dev bond0
show ip -n host link set bond0 up
sleep 1
show ip netns exec host ping -c 2 -i 0.2 10.0.0.254
expects 'active_slave eth0'

echo
echo "# the first cable is cut: the second takes over, in both directions"
show ip -n switch link set port0 down
sleep 0.5
expects 'active_slave eth1'
show ip netns exec host ping -c 2 -i 0.2 10.0.0.254
show ip netns exec switch ping -c 2 -i 0.2 10.0.0.1
show ip -d -n host link show dev eth0

echo
echo "# it is mended, and works again, as it is the primary one"
show ip -n switch link set port0 up
sleep 0.5
expects 'active_slave eth0'
show ip netns exec host ping -c 2 -i 0.2 10.0.0.254

echo
echo "# both cables at once: LACP on both ends"
show ip -n host link del bond0
show ip -n switch link del sw
for end in host switch; do
  show ip -n "$end" link add bond0 type bond mode 802.3ad miimon 100 lacp_rate fast xmit_hash_policy layer3+4
done
for n in 0 1; do
  show ip -n host link set "eth$n" master bond0
  show ip -n switch link set "port$n" down
  show ip -n switch link set "port$n" master bond0
done
show ip -n host address add 10.0.0.1/24 dev bond0
show ip -n switch address add 10.0.0.254/24 dev bond0
show ip -n host link set bond0 up
show ip -n switch link set bond0 up
sleep 6
expects 'ad_num_ports 2'
show ip netns exec host ping -c 2 -i 0.2 10.0.0.254
show ip -d -n host link show master bond0

echo
echo "# one cable less, and the traffic goes on"
show ip -n host link set eth0 down
sleep 1
expects 'ad_num_ports 1'
show ip netns exec host ping -c 2 -i 0.2 10.0.0.254
show ip -s -n host link show dev bond0
