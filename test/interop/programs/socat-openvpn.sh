# socat in its modes and openvpn, between two namespaces of the stack; the real ip is quickest to start. Prints one line a thing that works.
set -e
if [ "$1" = far ]; then
  folder=$2
  trap 'kill $(jobs -p) 2>/dev/null' TERM
  socat -u UDP4-RECV:9,ip-add-membership=239.1.1.1:v2 OPEN:"$folder/group",creat &
  socat UDP4-RECVFROM:7,fork EXEC:cat &
  socat UDP6-RECVFROM:8,fork EXEC:cat &
  socat IP4-RECVFROM:253,fork EXEC:cat &
  socat TUN:10.9.0.2/24,up,iff-no-pi UDP4-DATAGRAM:10.0.0.1:11,bind=:11 &
  socat -u TCP4-LISTEN:10 OPEN:"$folder/copy",creat &
  socat TCP6-LISTEN:8,fork,reuseaddr SYSTEM:'tr a-z A-Z' &
  socat TCP4-LISTEN:7,fork,reuseaddr EXEC:cat &
  until [ "$(cat /proc/net/udp /proc/net/udp6 /proc/net/raw /proc/net/tcp /proc/net/tcp6 | grep -cE ':00(0[789AB]|FD) ')" = 8 ]; do sleep 0.02; done
  openvpn $VPN --remote 10.0.0.1 --ifconfig 10.8.0.2 10.8.0.1 >"$folder/openvpn" &
  touch "$folder/ready"
  wait
  exit
fi

ip() { /usr/sbin/ip "$@"; }
until_true() { for _ in $(seq 500); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.02; done; echo "never: $*"; return 1; }
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$folder"' EXIT
ip netns add far
ip -batch - <<'LINES'
link add v1 type veth peer name v2 netns far
addr add 10.0.0.1/24 dev v1
addr add fd00::1/64 dev v1 nodad
link set v1 up
LINES
ip -n far -batch - <<'LINES'
addr add 10.0.0.2/24 dev v2
addr add fd00::2/64 dev v2 nodad
link set v2 up
LINES
(umask 077 && openvpn --genkey secret "$folder/key")
export VPN="--dev tun --proto udp --port 1194 --secret $folder/key --cipher AES-256-CBC --verb 1"
/usr/sbin/ip netns exec far bash "$0" far "$folder" &
openvpn $VPN --remote 10.0.0.2 --ifconfig 10.8.0.1 10.8.0.2 >"$folder/openvpn-near" &
until_true test -e "$folder/ready"

# says ADDRESS: the answer to a word; the one who asks waits for it.
says() {
  socat -t 0.01 SYSTEM:"echo hello; head -n 1 >$folder/answer" "$1"
  cat "$folder/answer"
}

[ "$(echo hello | socat - TCP4:10.0.0.2:7,bind=10.0.0.1)" = hello ] && echo "TCP4: its end comes back behind what was said"
[ "$(echo hello | socat - 'TCP6:[fd00::2]:8')" = HELLO ] && echo "TCP6: through a shell"
[ "$(says UDP4:10.0.0.2:7)" = hello ] && echo "UDP4: a child for a datagram"
[ "$(says 'UDP6:[fd00::2]:8')" = hello ] && echo "UDP6: a child for a datagram"
[ "$(says IP4-SENDTO:10.0.0.2:253)" = hello ] && echo "IP4: a protocol of its own"
echo everybody | socat -u - UDP4-DATAGRAM:239.1.1.1:9,ip-multicast-if=10.0.0.1
until_true grep -qx everybody "$folder/group" && echo "UDP4 to a group: a member hears"
head -c 300000 /dev/urandom >"$folder/data"
socat -u OPEN:"$folder/data" TCP4:10.0.0.2:10
until_true cmp "$folder/data" "$folder/copy" && echo "one way: a file"
socat UNIX-LISTEN:"$folder/socket",fork TCP4:10.0.0.2:7 &
until_true test -S "$folder/socket"
[ "$(echo across | socat - UNIX-CONNECT:"$folder/socket")" = across ] && echo "UNIX to TCP4: one through the other"
socat TUN:10.9.0.1/24,up,iff-no-pi UDP4-DATAGRAM:10.0.0.2:11,bind=:11 &
until_true /usr/bin/ping -qc 1 -W 1 10.9.0.2 && echo "TUN over UDP4: a ping"
until_true /usr/bin/ping -qc 1 -W 1 10.8.0.2
[ "$(echo hidden | socat - TCP4:10.8.0.2:7)" = hidden ] && echo "openvpn: a ping and a connection"
