#!/bin/sh
# A test of a ruleset, as one writes it for CI: no kernel module, no privileges, nothing of the host is touched. It loads the rules
# into a server that is a namespace, sends packets from a client, and holds the counters and the trace against what is wanted.
# Run it by `tapstack run -- sh examples/firewall-test.sh [RULES]`; without a file it tests the rules below.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rules=${1:-$work/rules.nft}
[ $# -gt 0 ] || cat >"$rules" <<'RULES'
table inet filter {
	set admins {
		type ipv4_addr
		elements = { 192.0.2.10 }
	}
	chain input {
		type filter hook input priority filter; policy drop;
		meta nftrace set 1
		ct state established,related counter accept comment "answers"
		icmp type echo-request ip saddr @admins counter accept comment "admins"
		icmp type echo-request limit rate 2/minute burst 2 packets counter accept comment "some pings"
		counter comment "the rest"
	}
}
RULES

failed=0
# check WHAT WANTED FOUND
check() {
  if [ "$2" = "$3" ]; then
    echo "ok    $1"
  else
    echo "FAIL  $1: wanted $2, found $3"
    failed=$((failed + 1))
  fi
}

# Packets that the rule with this comment has seen.
packets() {
  ip netns exec server nft list ruleset | sed -n "s/.*counter packets \([0-9]*\).*comment \"$1\".*/\1/p"
}

# Prints yes or no: one ping from an address is answered.
answered() {
  if ip netns exec client ping -c 1 -W 1 -I "$1" 192.0.2.1 >/dev/null; then echo yes; else echo no; fi
}

ip netns add server
ip netns add client
ip link add veth0 netns server type veth peer name veth0 netns client
ip -n server address add 192.0.2.1/24 dev veth0
ip -n client address add 192.0.2.10/24 dev veth0
ip -n client address add 192.0.2.20/24 dev veth0
# What a device says of itself on IPv6 when it comes up would be counted too.
ip netns exec server sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
ip netns exec client sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
ip -n server link set veth0 up
ip -n client link set veth0 up

# A mistake in the file ends the test here, with nft's own words for it.
ip netns exec server nft -c -f "$rules"
ip netns exec server nft -f "$rules"

ip netns exec server nft monitor trace >"$work/trace" &
monitor=$!

check "an admin is answered" yes "$(answered 192.0.2.10)"
check "by the rule for admins" 1 "$(packets admins)"
check "others are answered twice" "yes yes" "$(answered 192.0.2.20) $(answered 192.0.2.20)"
check "and then no more" no "$(answered 192.0.2.20)"
check "which the limit decided" 2 "$(packets 'some pings')"
check "so that one came to the end" 1 "$(packets 'the rest')"
check "an admin still is answered" yes "$(answered 192.0.2.10)"

# The trace says rule by rule why.
tries=0
until grep -q 'policy drop' "$work/trace" || [ $tries -ge 50 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
kill $monitor
wait $monitor 2>/dev/null || true
check "the trace has the drop of the policy" 1 "$(grep -c 'policy drop' "$work/trace")"
grep -q '@admins counter .*verdict accept' "$work/trace" && verdict=accept || verdict=none
check "and the verdict of the rule for admins" accept "$verdict"

[ $failed -eq 0 ] || { echo "$failed checks failed"; exit 1; }
echo "all checks hold"
