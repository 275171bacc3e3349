#!/bin/sh
# A server behind a firewall of its own: what it did not ask for is dropped, pings are allowed up to a rate, some peers are refused or ignored.
# Counters of rules and the answers of pings prove each verdict.
# Run it by `tapstack run -- sh examples/firewall.sh`; as root on a Linux machine it does the same there.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

fail() {
  echo "$*" >&2
  exit 1
}

# answered FROM ADDRESS, unanswered FROM ADDRESS: one ping, and how it must end.
answered() {
  show ip netns exec "$1" ping -c 1 -W 1 "$2" || fail "$2 does not answer $1"
}
unanswered() {
  show ip netns exec "$1" ping -c 1 -W 1 "$2" && fail "$2 answers $1"
  true
}

# Packets that a rule's counter has seen; the rule by its comment.
counted() {
  ip netns exec server nft list ruleset | sed -n "s/.*counter packets \([0-9]*\).*comment \"$1\".*/\1/p"
}

for name in server friend stranger; do show ip netns add "$name"; done
network=1
for name in friend stranger; do
  show ip link add "$name" netns server type veth peer name eth0 netns "$name"
  show ip -n server address add "10.0.$network.1/24" dev "$name"
  show ip -n server link set "$name" up
  show ip -n "$name" address add "10.0.$network.2/24" dev eth0
  show ip -n "$name" address add "10.0.$network.3/24" dev eth0
  show ip -n "$name" link set eth0 up
  network=$((network + 1))
done

echo
echo "# without rules everybody is answered"
answered friend 10.0.1.1
answered stranger 10.0.2.1

echo
echo "# a table and a chain at a time, as one types them"
show ip netns exec server nft add table inet filter
show ip netns exec server nft add set inet filter friends '{ type ipv4_addr; flags interval; elements = { 10.0.1.0/24 }; }'
show ip netns exec server nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'
show ip netns exec server nft add rule inet filter input ct state established,related accept
show ip netns exec server nft add rule inet filter input ip saddr 10.0.1.3 counter reject with icmp type admin-prohibited comment refused
show ip netns exec server nft add rule inet filter input ip saddr @friends icmp type echo-request counter accept comment friends
show ip netns exec server nft add rule inet filter input tcp dport 22 accept
show ip netns exec server nft add rule inet filter input counter comment dropped
show ip netns exec server nft list ruleset

answered friend 10.0.1.1
[ "$(counted friends)" -eq 1 ] || fail "the rule for friends has not seen one packet"
unanswered stranger 10.0.2.1
[ "$(counted dropped)" -ge 1 ] || fail "nothing of the stranger came to the end of the chain"

echo
echo "# what the server asks for itself comes back"
answered server 10.0.2.2

echo
echo "# a refused peer is told so"
show ip netns exec friend ping -c 1 -W 1 -I 10.0.1.3 10.0.1.1 && fail "10.0.1.1 answers a refused peer"
[ "$(counted refused)" -ge 1 ] || fail "nobody was refused"

echo
echo "# a stranger becomes a friend, and is one no longer"
show ip netns exec server nft add element inet filter friends '{ 10.0.2.2 }'
answered stranger 10.0.2.1
show ip netns exec server nft delete element inet filter friends '{ 10.0.2.2 }'
unanswered stranger 10.0.2.1

echo
echo "# a batch that fails changes nothing"
before=$(ip netns exec server nft list ruleset)
printf 'add rule inet filter input accept\nadd rule inet filter nosuch accept\n' | show ip netns exec server nft -f - && fail "a rule came into a chain that is not there"
[ "$(ip netns exec server nft list ruleset)" = "$before" ] || fail "half of the batch was done"

echo
echo "# without its table the server answers everybody again"
show ip netns exec server nft delete table inet filter
answered stranger 10.0.2.1
