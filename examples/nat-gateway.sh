#!/bin/sh
# A home's gateway: everybody inside leaves by its one public address (masquerade), and a second public address leads to a server inside (dnat).
# The outside has no route to the inside: an answer proves that addresses were translated.
# Run it by `tapstack run -- sh examples/nat-gateway.sh`; as root on a Linux machine it does the same there.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

fail() {
  echo "$*" >&2
  exit 1
}

answered() {
  show ip netns exec "$1" ping -c 2 -i 0.2 -W 1 "$2" || fail "$2 does not answer $1"
}

for name in gateway inside outside; do show ip netns add "$name"; done
show ip link add lan netns gateway type veth peer name eth0 netns inside
show ip link add wan netns gateway type veth peer name eth0 netns outside
show ip -n gateway address add 192.168.1.1/24 dev lan
show ip -n gateway address add 192.0.2.1/24 dev wan
show ip -n gateway address add 192.0.2.10/24 dev wan
show ip -n gateway link set lan up
show ip -n gateway link set wan up
show ip -n inside address add 192.168.1.2/24 dev eth0
show ip -n inside link set eth0 up
show ip -n inside route add default via 192.168.1.1
show ip -n outside address add 192.0.2.2/24 dev eth0
show ip -n outside link set eth0 up
show ip netns exec gateway sysctl -w net.ipv4.ip_forward=1

echo
echo "# without translation the outside cannot answer"
show ip netns exec inside ping -c 1 -W 1 192.0.2.2 && fail "the outside knows the way inside"

echo
echo "# masquerade what leaves by wan, lead 192.0.2.10 to the server"
show ip netns exec gateway nft -f - <<'RULES'
table ip nat {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		iifname "wan" ip daddr 192.0.2.10 counter dnat to 192.168.1.2
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" counter masquerade
	}
}
RULES
answered inside 192.0.2.2
show ip netns exec gateway conntrack -L -p icmp --src-nat
ip netns exec gateway conntrack -L -p icmp --src-nat 2>/dev/null | grep -q 'src=192.168.1.2 dst=192.0.2.2 .*src=192.0.2.2 dst=192.0.2.1 ' || fail "no connection was translated"

echo
echo "# from outside to the server"
answered outside 192.0.2.10
ip netns exec gateway conntrack -L -p icmp --dst-nat 2>/dev/null | grep -q 'src=192.0.2.2 dst=192.0.2.10 .*src=192.168.1.2 dst=192.0.2.2 ' || fail "no connection was led inside"
show ip netns exec gateway nft list ruleset

echo
echo "# with its address the gateway loses the connections that were hidden behind it"
show ip -n gateway address del 192.0.2.1/24 dev wan
ip netns exec gateway conntrack -L -p icmp 2>/dev/null | grep -q 'dst=192.0.2.1 ' && fail "a connection outlives its address"
true
