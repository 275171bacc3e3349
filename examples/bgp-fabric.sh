#!/bin/sh
# Four routers in a ring, each with a host network behind it. BIRD runs on each: OSPF finds the ways between the routers, BGP between their
# loopback addresses tells the host networks. Then a link fails, and traffic goes the other way round.
# Needs BIRD 2 (Debian: bird2). Run it by `tapstack run -- sh examples/bgp-fabric.sh`; as root on a Linux machine it does the same there.
set -eu
folder=$(mktemp -d)
bird=$(command -v bird || echo /usr/sbin/bird)
[ -x "$bird" ] || { echo "needs BIRD 2" >&2; exit 1; }

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds
wait_for() {
  left=$(($1 * 5)); what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "not in time: $what" >&2; exit 1; }
    sleep 0.2
  done
  echo "# $what"
}

link() {
  show ip link add "to$2" netns "r$1" type veth peer name "to$1" netns "r$2"
  show ip -n "r$1" address add "10.0.$1$2.1/24" dev "to$2"
  show ip -n "r$2" address add "10.0.$1$2.2/24" dev "to$1"
  show ip -n "r$1" link set "to$2" up
  show ip -n "r$2" link set "to$1" up
}

for i in 1 2 3 4; do
  show ip netns add "r$i"
  show ip -n "r$i" link set lo up
  show ip -n "r$i" address add "10.255.0.$i/32" dev lo
  show ip -n "r$i" link add hosts type dummy
  show ip -n "r$i" address add "172.16.$i.1/24" dev hosts
  show ip -n "r$i" link set hosts up
  show ip netns exec "r$i" sysctl -qw net.ipv4.ip_forward=1
done
link 1 2
link 2 3
link 3 4
link 4 1

for i in 1 2 3 4; do
  {
    echo "router id 10.255.0.$i;"
    echo "protocol device { scan time 1; }"
    echo 'protocol direct { ipv4; interface "lo", "hosts"; }'
    echo "protocol kernel { ipv4 { export where source != RTS_DEVICE; }; }"
    echo 'protocol ospf v2 { ipv4 { export where net ~ 10.255.0.0/24; };'
    echo '  area 0 { interface "to*" { type ptp; hello 1; dead 4; }; }; }'
    for peer in 1 2 3 4; do
      [ "$peer" = "$i" ] || cat <<EOF
protocol bgp r$peer { local 10.255.0.$i as 65000; neighbor 10.255.0.$peer as 65000; connect delay time 1; connect retry time 2; error wait time 1, 2;
  ipv4 { import all; export where net ~ 172.16.0.0/12 && source = RTS_DEVICE; next hop self; }; }
EOF
    done
  } >"$folder/r$i.conf"
  ip netns exec "r$i" "$bird" -f -c "$folder/r$i.conf" -s "$folder/r$i.ctl" -P "$folder/r$i.pid" &
done
trap 'kill $(cat "$folder"/*.pid) 2>/dev/null; rm -rf "$folder"' EXIT

reaches() { ip netns exec "r$1" ping -q -c 1 -W 1 -I "172.16.$1.1" "172.16.$2.1"; }
way() { ip -n r1 route get 172.16.2.1 | grep -q "dev $1 "; }

echo
wait_for 40 "r1 knows all three other host networks" sh -c '[ "$(ip -n r1 route show proto bird | grep -c "^172.16")" = 3 ]'
show ip -n r1 route show proto bird
for peer in 2 3 4; do wait_for 10 "hosts of r1 reach those of r$peer" reaches 1 "$peer"; done
wait_for 5 "the way to r2 is the link to r2" way to2

show ip -n r1 link set to2 down
wait_for 30 "the way to r2 is by r4" way to4
wait_for 10 "hosts of r1 reach those of r2 again" reaches 1 2
show ip -n r1 link set to2 up
wait_for 30 "the link is back, and so is the way" way to2
