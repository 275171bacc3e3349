# Connections of a real client through a director to real web servers, by each way of forwarding: traffic.sh [TIMES]. Prints a line a way.
# Some minutes for 1000 of each: tapstack run -- bash test/interop/ipvs/traffic.sh 1000.
# It takes the ipvsadm that comes first on PATH, so that ours and the real one can be tried.
set -eu
times=${1:-60}
here=$(dirname "$0")
web() { /usr/bin/python3 "$here/web.py" "$@"; }
ask() { ip netns exec client /usr/bin/python3 "$here/web.py" ask "$@"; }
vs() { ip netns exec director ipvsadm "$@"; }
until_true() { for _ in $(seq 100); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.1; done; echo "never: $*"; return 1; }

for name in client director web1 web2 web3; do ip netns add $name; ip -n $name link set lo up; done
ip link add out netns director type veth peer name eth0 netns client
ip -n director addr add 192.0.2.1/24 dev out; ip -n director link set out up
ip -n client addr add 192.0.2.2/24 dev eth0; ip -n client link set eth0 up
ip -n director link add lan type bridge; ip -n director addr add 10.0.0.1/24 dev lan; ip -n director link set lan up
# What servers answer themselves goes past the director, which would take its own address for a martian source: the client is in their LAN, too.
ip link add port0 netns director type veth peer name eth1 netns client
ip -n director link set port0 master lan up; ip -n client addr add 10.0.0.9/24 dev eth1; ip -n client link set eth1 up
ip -n client route add 198.51.100.0/24 via 192.0.2.1
for i in 1 2 3; do ip -n client route add 198.51.100.$i/32 via 10.0.0.1 dev eth1; done
ip netns exec director sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
# The addresses of the services: the director's, and quietly those of servers that answer themselves.
for i in 0 1 2 3 4 5; do ip -n director addr add 198.51.100.$i/32 dev out; done
for i in 1 2 3; do
  w=web$i
  ip -n director link add port$i type veth peer name eth0 netns $w
  ip -n director link set port$i master lan up
  ip -n $w addr add 10.0.0.1$i/24 dev eth0; ip -n $w link set eth0 up; ip -n $w route add default via 10.0.0.1
  ip netns exec $w sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  for j in 1 2 3; do ip -n $w addr add 198.51.100.$j/32 dev lo; done
  ip -n $w link add ipip1 type ipip local 10.0.0.1$i; ip -n $w link set ipip1 up
  ip -n $w link add gre1 type gre local 10.0.0.1$i; ip -n $w link set gre1 up
  ip netns exec $w sysctl -qw net.ipv4.conf.ipip1.rp_filter=0 net.ipv4.conf.gre1.rp_filter=0
  ip netns exec $w /usr/bin/python3 "$here/web.py" serve $w 80 & servers="${servers-} $!"
done
ip netns exec director /usr/bin/python3 "$here/web.py" serve director 80 & servers="$servers $!"
trap 'kill $servers 2>/dev/null; wait $servers 2>/dev/null || true' EXIT
for i in 1 2 3; do until_true ip netns exec director curl -s http://10.0.0.1$i/; done
until_true ip netns exec director curl -s http://10.0.0.1/

service() { vs -A -t 198.51.100.$1:80 -s "$2"; shift 2; }
servers_of() { vip=$1; shift; for i in 1 2 3; do vs -a -t 198.51.100.$vip:80 -r 10.0.0.1$i:80 "$@"; done; }
service 0 rr; servers_of 0 -m;                           echo "masquerading, rr: $(ask 198.51.100.0 80 $times)"
service 1 rr; servers_of 1 -g;                           echo "direct routing, rr: $(ask 198.51.100.1 80 $times)"
service 2 rr; servers_of 2 -i;                           echo "ipip, rr: $(ask 198.51.100.2 80 $times)"
service 3 rr; servers_of 3 -i --tun-type gre;            echo "gre, rr: $(ask 198.51.100.3 80 $times)"
service 4 rr; vs -a -t 198.51.100.4:80 -r 198.51.100.4:80 -g; echo "local node: $(ask 198.51.100.4 80 $times)"

vs -E -t 198.51.100.0:80 -s wrr
for i in 1 2 3; do vs -e -t 198.51.100.0:80 -r 10.0.0.1$i:80 -m -w $i; done
echo "masquerading, wrr 1 2 3: $(ask 198.51.100.0 80 $times)"
vs -E -t 198.51.100.0:80 -s sh; one=$(ask 198.51.100.0 80 10)
[ "$one" = "$(ask 198.51.100.0 80 10)" ] && [ "${one##* }" = 10 ] && echo "sh: one client, one server"
vs -E -t 198.51.100.0:80 -s rr -p 300; one=$(ask 198.51.100.0 80 10)
[ "${one##* }" = 10 ] && echo "persistence: one client, one server"

# What the services count is what their servers count; all of it is counted within two seconds.
connections=$((6 * times + 30))
counted() { vs -Ln --stats --exact | awk '/^TCP/ { all += $3 } END { print all }'; }
until_true eval '[ "$(counted)" = "$connections" ]'
vs -Ln --stats --exact | awk '
  function check() { if (vip != "" && (c != sc || p != sp)) { bad = 1; print "not the sum: " vip } }
  /^TCP/ { check(); vip = $2; c = $3; p = $4; sc = sp = 0 }
  /->.*:80/ { sc += $3; sp += $4; all += $3 }
  END { check(); if (!bad && all > 0) print "stats: the sums of the servers" }'

# A connection lives on at its server when that is quiesced, which gets no new ones.
vs -E -t 198.51.100.1:80 -s rr; for i in 2 3; do vs -d -t 198.51.100.1:80 -r 10.0.0.1$i:80; done
mkfifo "${TMPDIR:-/tmp}/go.$$"; go=${TMPDIR:-/tmp}/go.$$
ip netns exec client /usr/bin/python3 "$here/web.py" hold 198.51.100.1 80 <"$go" >"$go.said" & holder=$!
exec 9>"$go"; until_true grep -q web1 "$go.said"
vs -e -t 198.51.100.1:80 -r 10.0.0.11:80 -g -w 0; vs -a -t 198.51.100.1:80 -r 10.0.0.12:80 -g
new=$(ask 198.51.100.1 80 10); echo >&9; wait $holder
echo "quiesced: new ones $new, the old one $(tr '\n' ' ' <"$go.said")"; rm -f "$go" "$go.said"
