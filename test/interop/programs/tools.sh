# The distribution's own tools on the stack, and ours beside them. Prints one line a thing that works.
set -e
ours=$(command -v ip)
ip() { /usr/sbin/ip "$@"; }
ours() { "$ours" "$@"; }
until_true() { for _ in $(seq 100); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.1; done; echo "never: $*"; return 1; }

ip netns add left
ours netns add right
[ "$(ip netns list | sort)" = "$(ours netns list | sort)" ] && echo "ip netns: both see what each made"
ip link add v1 netns left type veth peer name v2 netns right
ip -n left addr add 10.0.0.1/24 dev v1
ip netns exec right ifconfig v2 10.0.0.2 netmask 255.255.255.0 up
ip -n left link set v1 up
[ "$(ip -n left route)" = "$(ours -n left route)" ] && echo "ip route: the same text"
[ "$(ip netns exec right ip -br addr show v2)" = "$(nsenter --net=/run/netns/right /usr/sbin/ip -br addr show v2)" ] && echo "nsenter: the same namespace"
[ "$(ip netns exec right "$ours" -br link)" = "$(ours -n right -br link)" ] && echo "ours follows a namespace that the real ip entered"

folder=$(mktemp -d)
head -c 3000000 /dev/urandom >"$folder/data"
(cd "$folder" && exec "$ours" netns exec right python3 -m http.server 80 >/dev/null 2>&1) &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
until_true ip netns exec left curl -s http://10.0.0.2/
ip netns exec left curl -s http://10.0.0.2/data | cmp - "$folder/data" && echo "curl: three megabytes through two namespaces"
ip netns exec right /usr/bin/ss -Htlnp | grep -q python3 && echo "ss -p: names the program"
[ -n "$(ours netns pids right)" ] && echo "ip netns pids: knows it"

ip netns exec left tcpdump -U -lni v1 -c 2 icmp >"$folder/capture" 2>"$folder/errors" &
capture=$!
until_true grep -q listening "$folder/errors"
ip netns exec left /usr/bin/ping -qc 1 10.0.0.2 >/dev/null && echo "ping: an answer"
wait $capture
grep -c 'ICMP echo re' "$folder/capture" | grep -qx 2 && echo "tcpdump: request and reply, by its ring"
ip netns exec left route add default gw 10.0.0.2 && ours -n left route show default | grep -q 'via 10.0.0.2' && echo "route: a default route"
ip netns exec left arp -s 10.0.0.9 02:00:00:00:00:09 && ours -n left neigh show 10.0.0.9 | grep -q PERMANENT && echo "arp: an entry"
ip netns exec left traceroute -n -q 1 -w 2 -m 3 10.0.0.2 | grep -q ' 1  10.0.0.2 ' && echo "traceroute: the last hop"
ours netns exec right "$(dirname "$ours")/ss" -Htlnp | grep -q python3 && echo "our ss -p: names the program too"
ip netns exec right nft add table inet filter && ours netns exec right nft list tables | grep -qx 'table inet filter' && echo "nft: a table"
for line in 'addbr br0' 'addbr br0' 'addif br0 v2' 'addif br0 v2' 'addif br0 lo' 'delif br0 v2' 'delbr v2' 'delbr br0' 'delbr br0'; do
  ip netns exec right brctl $line 2>&1 || true
done >"$folder/brctl"
cmp - "$folder/brctl" <<'EOT' && echo "brctl: bridges and ports, and why not"
device br0 already exists; can't create bridge with the same name
device v2 is already a member of a bridge; can't add it to bridge br0.
can't add lo to bridge br0: Invalid argument
can't delete bridge v2: Operation not permitted
bridge br0 doesn't exist; can't delete it
EOT
ours -n left link add red type vrf table 10
ours -n left link set red up
ours link add w1 netns left type veth peer name w2 netns right
ours -n left link set w1 master red up
ours -n left addr add 10.7.0.1/24 dev w1
ours -n right link set w2 up
ours -n right addr add 10.7.0.2/24 dev w2
within='import socket; s = socket.create_connection(("10.7.0.2", 80), 5); print(s.getsockname()[0], s.getsockopt(1, 25, 16).decode().strip("\0"))'
[ "$(ours netns exec left "$ours" vrf exec red python3 -c "$within")" = "10.7.0.1 red" ] && echo "ip vrf exec: a program is within the VRF"
ip netns del left
ours netns list | grep -q left || echo "ip netns del: gone"
cc -o "$folder/tun-echo" "$(dirname "$0")/tun-echo.c"
"$ours" netns exec right "$folder/tun-echo" tun0 >"$folder/name" &
until_true grep -qx tun0 "$folder/name"
ours -n right addr add 10.99.0.1/24 dev tun0
ours -n right link set tun0 up
ip netns exec right python3 - <<'PY' && echo "a C program behind a tun: eleven answers"
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(10)
for i in range(11):
    sock.sendto(b"%d" % i, ("10.99.0.2", 7))
    assert sock.recvfrom(100) == (b"%d" % i, ("10.99.0.2", 7))
PY
