#!/bin/sh
# Two offices behind the Internet: each has a gateway, and the gateways have a GRE tunnel with a key (RFC 2784, RFC 2890) between them,
# through which the private nets reach each other.
# Run it by `tapstack run -- sh examples/gre.sh`; as root on a Linux machine, `sh examples/gre.sh` does the same there.
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

show ip netns add internet
show ip netns exec internet sysctl -w net.ipv4.ip_forward=1
number=1
for office in paris rome; do
  show ip netns add "$office"
  show ip netns add "$office-pc"
  show ip link add "to-$office" netns internet type veth peer name wan netns "$office"
  show ip -n internet address add "198.51.$number.254/24" dev "to-$office"
  show ip -n internet link set "to-$office" up
  show ip -n "$office" address add "198.51.$number.1/24" dev wan
  show ip -n "$office" link set wan up
  show ip -n "$office" route add default via "198.51.$number.254"
  show ip link add lan netns "$office" type veth peer name eth0 netns "$office-pc"
  show ip -n "$office" address add "10.$number.0.1/24" dev lan
  show ip -n "$office" link set lan up
  show ip -n "$office-pc" address add "10.$number.0.2/24" dev eth0
  show ip -n "$office-pc" link set eth0 up
  show ip -n "$office-pc" route add default via "10.$number.0.1"
  show ip netns exec "$office" sysctl -w net.ipv4.ip_forward=1
  number=$((number + 1))
done

echo
echo "# the gateways reach each other, but the Internet has no way to a private net"
show ip netns exec paris ping -c 1 198.51.2.1
fails ip netns exec paris-pc ping -c 1 -W 1 10.2.0.2

echo
echo "# a tunnel"
show ip -n paris tunnel add office mode gre local 198.51.1.1 remote 198.51.2.1 key 7 ttl 64
show ip -n rome link add office type gre local 198.51.2.1 remote 198.51.1.1 key 7 ttl 64
show ip -n paris address add 172.16.0.1/30 dev office
show ip -n rome address add 172.16.0.2/30 dev office
show ip -n paris link set office up
show ip -n rome link set office up
show ip -n paris route add 10.2.0.0/24 via 172.16.0.2
show ip -n rome route add 10.1.0.0/24 via 172.16.0.1
show ip netns exec paris-pc ping -c 3 -i 0.2 10.2.0.2

echo
echo "# the tunnel takes some of the MTU, and a PC that sends too long packets is told so"
show ip -n paris link show dev office
fails ip netns exec paris-pc ping -c 1 -W 1 -M do -s 1472 10.2.0.2
show ip netns exec paris-pc ping -c 1 -s 1472 10.2.0.2

echo
show ip -n rome tunnel show office
show ip -s -n rome link show dev office

echo
echo "# with another key, nothing comes through"
show ip -n rome link set office type gre key 8
fails ip netns exec paris-pc ping -c 1 -W 1 10.2.0.2
