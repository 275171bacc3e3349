# again.sh COUNT: programs one after another, each with sockets of all kinds; what their daemon holds afterwards is what it held before.
daemon=$(cat "$TAPSTACK_DIR/$TAPSTACK_INSTANCE/lock")
ip link set lo up
program() {
  /usr/bin/python3 -S -c '
import socket
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen()
client = socket.create_connection(server.getsockname()); peer = server.accept()[0]
client.send(b"x"); peer.recv(1)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.sendto(b"x", server.getsockname())
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x300)
open("/proc/net/dev").read()
open("/dev/net/tun", "r+b", 0)
'
}
# The folders of the last programs looked at stay open: up to 32 of them.
descriptors() { ls -l "/proc/$daemon/fd" | grep -vc "/proc/[0-9]*/fd\$"; }
settled() { for _ in $(seq 50); do [ "$(descriptors)" -le "$1" ] && return; sleep 0.1; done; }
program
sleep 0.5
before=$(descriptors)
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status"; }
memory=$(resident)
for _ in $(seq "$1"); do program; done
settled "$before"
echo "descriptors: $(($(descriptors) - before)) more; namespaces: $(tapstack status --json | sed -n 's/.*"namespaces": //p')"
[ $(($(resident) - memory)) -lt 65536 ] && echo "memory: less than 64 MB more"
