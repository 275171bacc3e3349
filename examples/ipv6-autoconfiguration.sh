#!/bin/sh
# Two links behind a router that tells their hosts by router advertisements who they are: prefixes, a default route, an MTU. Nobody
# gives the hosts an address; they reach each other across the router. The advertisements are sent by `tapstack ra`, as radvd would
# send them on Linux. Run it by `tapstack run -- sh examples/ipv6-autoconfiguration.sh`.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

fail() {
  echo "$*" >&2
  exit 1
}

# within SECONDS COMMAND...: until the command holds.
within() {
  tries=$(($1 * 10))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "it did not come to that: $*"
    sleep 0.1
  done
}

# The address that a host has made of a prefix, once it has been checked for duplicates.
address() {
  ip -n "$1" -6 address show dev lan scope global -tentative | sed -n 's/.*inet6 \(2001[^/]*\).*/\1/p'
}
has_address() { [ -n "$(address "$1")" ]; }
has_router() { ip -n "$1" -6 route show default | grep -q "$2"; }
has_no_router() { ! has_router "$1" via; }

for name in router left right; do show ip netns add "$name"; done
for name in left right; do
  show ip link add "$name" netns router type veth peer name lan netns "$name"
  show ip -n router link set "$name" up
done
show ip -n router address add 2001:db8:1::1/64 dev left
show ip -n router address add 2001:db8:2::1/64 dev right
show ip netns exec router sysctl -w net.ipv6.conf.all.forwarding=1

echo
echo "# the router advertises: one prefix on each link, and an MTU on the right one"
ip netns exec router tapstack ra left 2001:db8:1::/64 &
left=$!
ip netns exec router tapstack ra --interval 60 --mtu 1400 --preference high right 2001:db8:2::/64 &
right=$!
trap 'kill "$left" "$right" 2>/dev/null || true' EXIT

echo
echo "# the hosts come up, ask for routers, and have all they need; right chooses the lower half of its address itself"
show ip -n left link set lan up
show ip -n right token set ::42 dev lan
show ip -n right link set lan up
for name in left right; do
  within 30 has_address "$name"
  within 30 has_router "$name" via
  show ip -n "$name" -6 address show dev lan scope global
  show ip -n "$name" -6 route show default
done
has_router right 'mtu 1400 .*pref high' || fail "right does not have the MTU and the preference"

echo
echo "# they reach each other, and what is too large for the right link is cut to its MTU"
show ip netns exec left ping -c 3 -i 0.2 "$(address right)"
show ip netns exec right ping -c 2 -i 0.2 -s 3000 "$(address left)"

echo
echo "# the right router says that it goes: its host has no default route any more, but keeps its address"
kill "$right"
wait "$right" || true
within 10 has_no_router right
has_address right || fail "the address is gone"
ip netns exec right ping -q -c 1 -W 1 "$(address left)" >/dev/null 2>&1 && fail "the left link is reached without a router"
show ip netns exec right ping -c 1 2001:db8:2::1
