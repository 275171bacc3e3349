#!/bin/sh
# A source, a multicast router, and three hosts behind it of which two join the group: only their branches get its packets, and a host
# that leaves gets no more. The router's routes are made by `tapstack mroute`, as a routing daemon would make them: no command of Linux
# can. Run it by `tapstack run -- sh examples/multicast.sh`.
set -eu

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Packets that a device has received.
received() {
  ip -j -s -n "$1" link show dev lan | sed 's/.*"rx":{[^}]*"packets":\([0-9]*\).*/\1/'
}

# answers N HOST...: of N pings to the group each HOST answers all, and nobody else any.
answers() {
  count=$1
  shift
  text=$(ip netns exec source ping -c "$count" -i 0.2 -t 8 -W 1 239.1.1.1 || true)
  echo "$text"
  for host in red green blue; do
    got=$(echo "$text" | grep -c "from $(address "$host"):" || true)
    case " $* " in
      *" $host "*) [ "$got" -ge "$((count - 1))" ] || { echo "$host did not get the group's packets" >&2; exit 1; } ;;
      *) [ "$got" -eq 0 ] || { echo "$host answers, and is not in the group" >&2; exit 1; } ;;
    esac
  done
}

address() {
  case $1 in red) echo 10.0.1.2 ;; green) echo 10.0.2.2 ;; blue) echo 10.0.3.2 ;; esac
}

for name in router source red green blue; do show ip netns add "$name"; done
network=0
for name in source red green blue; do
  show ip link add "$name" netns router type veth peer name lan netns "$name"
  show ip -n router address add "10.0.$network.1/24" dev "$name"
  show ip -n router link set "$name" up
  show ip -n "$name" address add "10.0.$network.2/24" dev lan
  show ip -n "$name" link set lan up
  show ip -n "$name" route add default via "10.0.$network.1"
  # Pings to groups are answered only where the host allows it.
  show ip netns exec "$name" sysctl -w net.ipv4.icmp_echo_ignore_broadcasts=0
  network=$((network + 1))
done
show ip netns exec router sysctl -w net.ipv4.ip_forward=1

echo
echo "# red and green join: their links listen, and the router hears it by IGMP"
for name in red green; do
  show ip -n "$name" address add 239.1.1.1/32 dev lan autojoin
  show ip -n "$name" maddress show dev lan
done

echo
echo "# the router forwards the group to red and to green; green is behind a border that packets with a TTL up to 5 do not pass"
ip netns exec router tapstack mroute '10.0.0.2 239.1.1.1 source red green/5' &
daemon=$!
trap 'kill "$daemon" 2>/dev/null || true' EXIT
tries=0
until ip -n router mroute show | grep -q resolved; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { echo "the router does not come" >&2; exit 1; }
  sleep 0.1
done
show ip -n router mroute show
idle=$(received blue)
answers 5 red green
[ $(($(received blue) - idle)) -lt 5 ] || { echo "blue's link has seen the group" >&2; exit 1; }
show ip -n router -s mroute show

echo
echo "# red leaves"
show ip -n red address del 239.1.1.1/32 dev lan
answers 5 green

echo
echo "# the routes go with who made them"
kill "$daemon"
wait "$daemon" || true
[ -z "$(ip -n router mroute show)" ] || { echo "routes are left" >&2; exit 1; }
answers 2
