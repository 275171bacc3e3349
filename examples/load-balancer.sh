#!/bin/sh
# A load balancer: a director shares the connections to one address among three web servers, by weight; one of them is taken off
# without anybody losing an answer; a client stays with its server where that is wanted.
# Run it by `tapstack run -- sh examples/load-balancer.sh`; as root on a Linux machine it does the same there.
set -eu
here=$(dirname "$0")/load-balancer

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

fail() {
  echo "$*" >&2
  exit 1
}

# expect HOST PORT TIMES 'NAME COUNT ...': asks so often, and who answered is known
expect() {
  got=$(ip netns exec client node "$here/requests.mjs" "$1" "$2" "$3" | tr '\n' ' ')
  echo "  $3 requests to $1:$2: $got"
  [ "$got" = "$4 " ] || fail "expected: $4"
}

for name in director client; do show ip netns add "$name"; done
show ip link add out netns director type veth peer name eth0 netns client
show ip -n director address add 192.0.2.1/24 dev out
show ip -n director link set out up
show ip -n client address add 192.0.2.2/24 dev eth0
show ip -n client link set eth0 up
show ip -n director link add lan type bridge
show ip -n director address add 10.0.0.1/24 dev lan
show ip -n director link set lan up
for i in 1 2 3; do
  show ip netns add "web$i"
  show ip -n director link add "port$i" type veth peer name eth0 netns "web$i"
  show ip -n director link set "port$i" master lan up
  show ip -n "web$i" address add "10.0.0.1$i/24" dev eth0
  show ip -n "web$i" link set eth0 up
  show ip -n "web$i" route add default via 10.0.0.1
  ip netns exec "web$i" node "$here/server.mjs" "web$i" 8080 &
done
show ip netns exec director sysctl -w net.ipv4.ip_forward=1
sleep 3

echo
echo "# weights 1, 2 and 3"
show ip netns exec director ipvsadm -A -t 192.0.2.1:80 -s wrr
for i in 1 2 3; do show ip netns exec director ipvsadm -a -t 192.0.2.1:80 -r "10.0.0.1$i:8080" -m -w "$i"; done
expect 192.0.2.1 80 60 'web1 10 web2 20 web3 30'
show ip netns exec director ipvsadm -Ln

echo
echo "# web3 is quiesced: it gets nobody new, and can be taken off"
show ip netns exec director ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.13:8080 -m -w 0
expect 192.0.2.1 80 30 'web1 10 web2 20'
show ip netns exec director ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.13:8080

echo
echo "# a client stays with one server"
show ip netns exec director ipvsadm -A -t 192.0.2.1:81 -s rr -p 300
for i in 1 2; do show ip netns exec director ipvsadm -a -t 192.0.2.1:81 -r "10.0.0.1$i:8080" -m; done
expect 192.0.2.1 81 10 'web2 10'

echo
echo "# nobody is left: connections are refused"
show ip netns exec director ipvsadm -E -t 192.0.2.1:80 -s rr
for i in 1 2; do show ip netns exec director ipvsadm -e -t 192.0.2.1:80 -r "10.0.0.1$i:8080" -m -w 0; done
expect 192.0.2.1 80 1 'ECONNREFUSED 1'
show ip netns exec director ipvsadm -Ln --stats
