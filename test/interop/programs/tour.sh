# What an ordinary user without any capability does in a run: tour.sh. Prints one line a thing that works.
set -e
until_true() { for _ in $(seq 100); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.1; done; echo "never: $*"; return 1; }
left() { ip netns exec left "$@"; }
right() { ip netns exec right "$@"; }

grep -q '^CapEff:.0*$' /proc/self/status && [ "$(id -u)" != 0 ] && echo "no rights"
ip netns add left
ip netns add right
ip link add v1 netns left type veth peer name v2 netns right
ip -n left addr add 10.0.0.1/24 dev v1
ip -n left link set v1 up
ip -n right addr add 10.0.0.2/24 dev v2
ip -n right link set v2 up
folder=$(mktemp -d)
head -c 1000000 /dev/urandom >"$folder/data"
right /usr/bin/python3 -m http.server -d "$folder" 80 >/dev/null 2>&1 & server=$!
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
until_true left curl -s http://10.0.0.2/
left curl -s http://10.0.0.2/data | cmp - "$folder/data" && echo "curl: a megabyte of python's http.server, port 80"
left /usr/bin/ping -qc 1 10.0.0.2 >/dev/null && echo "ping: an answer"
left /usr/bin/tcpdump -U -lni v1 -c 2 icmp >"$folder/capture" 2>"$folder/errors" & capture=$!
until_true grep -q listening "$folder/errors"
left /usr/bin/ping -qc 1 10.0.0.2 >/dev/null
wait $capture
grep -c 'ICMP echo re' "$folder/capture" | grep -qx 2 && echo "tcpdump: request and reply"
right /usr/sbin/nft 'add table ip filter; add chain ip filter input { type filter hook input priority 0; }; add rule ip filter input tcp dport 80 counter reject'
left curl -s http://10.0.0.2/ || echo "nft: refused"
right /usr/sbin/nft list chain ip filter input | grep -q 'counter packets 1 ' && echo "nft: counted"
for way in '' -R; do
  right /usr/bin/iperf3 -s -1 >/dev/null 2>&1 &
  until_true left /usr/bin/iperf3 -c 10.0.0.2 -n 8M $way && echo "iperf3 $way: eight megabytes"
done
left /usr/sbin/ip -br addr show v1 | grep -q 10.0.0.1/24 && echo "the real ip: an address"
cat /proc/sys/net/ipv4/ip_forward && sysctl -qw net.ipv4.ip_forward=1 && cat /proc/sys/net/ipv4/ip_forward
