ip link show
ip link
ip -V
ip
ip help
ip link help
ip bogus
ip link bogus
ip link show dev nosuch
ip -4 addr show nosuch
ip addr add
ip addr add 10.0.0.300/24 dev lo
ip -o link
ip -br link
ip -br addr
ip -j link
ip -j -p link
ip -s link show lo
ip -s -s link show lo
ip -d link show lo
ip -d -j link show lo
ip -c link show lo
ip -color=always link show lo
ip -color=auto addr
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03
ip link add br0 address 02:00:00:00:00:04 type bridge
ip link add link d0 name d0.5 address 02:00:00:00:00:05 type vlan id 5
ip link add vx0 address 02:00:00:00:00:06 type vxlan id 42 dstport 4789 dev d0
ip link add bond0 address 02:00:00:00:00:07 type bond mode active-backup
ip link add x type nosuchkind
ip link add d1 address 02:00:00:00:00:09 type dummy bogus
ip link set d0 up
ip link set v0 up
ip link set v1 up
ip link set br0 up
ip link set v1 master br0
ip link set nosuch up
ip link set d0 mtu 10
ip link set d0 mtu 1400
ip link set d0 name d9
ip link set d9 name d0
ip link set d0 alias 'a word with spaces'
ip link show d0
ip -d link show vx0
ip -d link show bond0
ip -d -j -p link show d0.5
ip link show type veth
ip link show master br0
ip link show up
bridge link
bridge -j link
bridge fdb add 02:00:00:00:01:01 dev v1 master static
bridge vlan
bridge -d vlan show
bridge fdb show | grep -v 'master br0 $' | grep -v 33:33:ff
bridge mdb
bridge bogus
bridge fdb add bogus
ip addr add 10.1.0.1/24 dev d0
ip addr add 10.1.0.1/24 dev d0
ip addr add 10.1.1.1/24 brd + dev d0 label d0:one
ip addr add fd00::1/64 dev d0 nodad
ip addr show d0
ip addr show d0 | head -n 1
ip -4 addr
ip -6 addr show dev d0
ip -j addr show d0
ip -br -4 addr
ip addr show to 10.1.0.0/16
ip addr del 10.9.9.9/24 dev d0
ip addr change 10.1.0.1/24 dev d0 valid_lft forever preferred_lft forever
ip route
ip route add 10.2.0.0/16 via 10.1.0.2
ip route add 10.2.0.0/16 via 10.1.0.2
ip route add 10.3.0.0/16 via 10.99.0.2
ip route add 10.4.0.0/16 dev d0 scope link metric 5
ip route add blackhole 10.5.0.0/16
ip route add default via 10.1.0.254
ip route add 10.6.0.0/16 nexthop via 10.1.0.3 weight 2 nexthop via 10.1.0.4
ip route show
ip -6 route
ip -j route
ip route show table local type local | grep -v fe80
ip -d link show br0 | sed 's/hello_timer.*gc_timer *[0-9.]*//'
ip -d route
ip route get 10.2.3.4
ip -j route get 10.2.3.4
ip route get 10.5.0.1
ip route get
ip route del 10.77.0.0/16
ip route replace 10.2.0.0/16 via 10.1.0.9
ip route show 10.2.0.0/16
ip route list match 10.2.0.1
ip rule
ip rule add from 10.1.0.0/24 table 100
ip rule add from 10.1.0.0/24 table 100
ip rule show
ip -j rule
ip rule del from 10.1.0.0/24 table 100
ip rule del from 10.1.0.0/24 table 100
ip -6 rule
ip neigh
ip neigh add 10.1.0.2 lladdr 02:00:00:00:02:01 dev d0
ip neigh show
ip -s neigh show nud permanent | sed 's/used [0-9/]*//'
ip -j neigh
ip neigh del 10.1.0.77 dev d0
ip neigh flush dev d0
ip neigh add bogus
ip nexthop add id 1 via 10.1.0.2 dev d0
ip nexthop
ip nexthop del id 9
ip maddr show dev lo
ip netns
ip netns add left
ip netns add left
ip netns add right
ip netns list
ip netns exec nosuch true
ip netns exec left sh -c 'echo inside; exit 7'
ip netns exec left sh -c 'kill -TERM $$'
ip netns exec left nosuchprogram
ip netns exec left /etc/passwd
ip netns exec left ip link
ip netns exec left sh -c 'cat; ip -br addr' <<<'from standard input'
ip netns exec left sh -c 'echo a; echo b >&2'
ip -all netns exec sh -c 'ip -o link | wc -l'
ip -n left link
ip -n nosuch link
ip -n left link add d7 address 02:00:00:00:07:01 type dummy
ip -n left -br link
ip -n left addr add 192.168.7.1/24 dev d7
ip -n left link set d7 up
ip -n left route
ip link set v0 netns left
ip -n left link show v0
ip -n left link set v0 netns 1
ip netns del right
ip netns del right
ip netns identify
ip -batch /dev/stdin <<<'link show lo'
ip -batch - <<<'link show lo'
printf 'link show lo\nlink show d0\n' | ip -b -
printf 'link show lo\nlink show nosuch\nlink show d0\n' | ip -b -
printf 'link show lo\nlink show nosuch\nlink show d0\n' | ip -force -b -
printf '# a comment\n\nlink show lo # and this\n' | ip -b -
printf 'addr add 10.8.0.1/24 dev d0\naddr show d0\n' > batch.txt; ip -b batch.txt
ip -batch nosuchfile
ip -batch /
ip -b - </dev/null
printf 'bogus\n' | ip -b -
printf 'netns exec left echo in a batch\nlink show lo\n' | ip -b -
ip -batch <(echo link show lo)
(echo link show lo; echo link show d0) | ip -j -b -
ip -b - <&-
ip link show >&-
ip link show >/dev/full
ip link show >/dev/full 2>&1
ip link bogus 2>/dev/full
ip link bogus 2>&-
ip link show <&- >&- 2>&-
ip link | true
ip link show | head -c 5
ip -s -s -d link | head -n 1
for i in 1 2 3 4 5 6; do ip -d link show; done | head -n 3
{ ip link show lo; echo "status $?"; } | cat
ip link show lo > out.txt; cat out.txt
ip link show lo >> out.txt; wc -l out.txt
ip link show d0 lo
cd /; ip -o link show lo; pwd
mkdir -p sub && cd sub && echo 'link show lo' > here && ip -b here && ip -b ../batch.txt && cd ..
mkdir gone && cd gone && rmdir ../gone && ip -o link show lo
umask 077; ip addr save > saved.bin; stat -c '%a %s' saved.bin
umask 022; ip route save > saved2.bin; stat -c '%a' saved2.bin
ip route showdump < saved2.bin
ip route restore < saved2.bin
ip addr showdump < saved.bin | head -n 3
ip addr restore < batch.txt
IPROUTE2_COLUMNS=20 COLUMNS=20 ip -o link show lo
LC_ALL=C ip -o link show lo
env -i PATH="$PATH" TAPSTACK_DIR="$TAPSTACK_DIR" TAPSTACK_INSTANCE="$TAPSTACK_INSTANCE" ip -o link show lo
TAPSTACK_INSTANCE=nosuch ip link
TAPSTACK_INSTANCE=no/such ip link
TAPSTACK_TARGET=bogus ip link
TAPSTACK_TARGET=stack ip -o link show lo
TAPSTACK_NETNS=bogus ip link
TAPSTACK_NETNS=99999 ip link
TZ=Asia/Tokyo ip -o link show lo
ss
ss -tln
ss -a | sed 's/node.[0-9]*/NODE/' | tr -s ' '
ss -s
ss -nosuch
ss bogus
ss -H -t state established
ss -tan 'sport = :80'
nft list ruleset
nft add table inet t
nft add table inet t
nft add chain inet t c '{ type filter hook input priority 0; policy accept; }'
nft add rule inet t c tcp dport 22 counter accept
nft add rule inet t c bogus
nft list table inet t
nft -j list ruleset
nft -a list chain inet t c
nft -c add rule inet t c tcp dport 80 drop
nft list table inet nosuch
nft -f - <<<'add rule inet t c udp dport 53 accept'
nft -f /dev/stdin <<<'add rule inet t c udp dport 54 accept'
nft -f nosuchfile
printf 'add table ip x\nadd bogus\n' > bad.nft; nft -f bad.nft
printf 'include "./inc.nft"\n' > outer.nft; printf 'add table ip inc\n' > inc.nft; nft -f outer.nft; nft list tables
nft -i <<<'list tables'
nft delete table inet t
nft list tables
nft
nft -V | head -n 1
nft -h | head -n 3
conntrack -L
conntrack -C
conntrack -bogus
sysctl net.ipv4.ip_forward
sysctl -w net.ipv4.ip_forward=1
sysctl net.ipv4.ip_forward
sysctl -n net.ipv4.ip_forward
sysctl net.ipv4.nosuch
sysctl net.ipv4.conf.d0
echo 'net.ipv4.ip_forward = 0' > s.conf; sysctl -p s.conf
sysctl -p nosuch.conf
sysctl -a 2>/dev/null | grep -c .
sysctl -w net.ipv4.ip_forward=bogus
nstat -bogus
ping -c 1 -W 1 127.0.0.1 | sed 's/time[= ][0-9.]*/time/; s/mdev.*//; s/rtt.*//'
ping -c 1 -W 1 10.5.0.1
ping
ping nosuch.invalid.name.
ping -c 1 -bogus 127.0.0.1
timeout -s INT 3 ping -i 10 127.0.0.1 | sed 's/time[= ][0-9.]*.*//; s/rtt.*//; s/[0-9]* packets.*//' | sort -u | tail -n 2
timeout -s INT 0.7 ip monitor
timeout -s TERM 0.7 ip monitor
timeout -s HUP 0.7 ip monitor
timeout -s KILL 0.7 ip monitor
timeout 0.7 bridge monitor
timeout 0.7 nft monitor
sh -c 'ip monitor & p=$!; sleep 3; kill -TERM $p; wait $p 2>/dev/null; echo $?'
sh -c 'ip monitor link > mon.txt & p=$!; sleep 3; ip link set d0 mtu 1300; sleep 1; kill $p; wait $p 2>/dev/null; echo $?; cat mon.txt'
sh -c 'ip netns exec left sleep 9 & p=$!; sleep 3; kill -TERM $p; wait $p 2>/dev/null; echo $?'
sh -c 'ip netns exec left sh -c "trap \"echo caught; exit 9\" HUP; sleep 9 & wait" & p=$!; sleep 4; kill -HUP $p; wait $p 2>/dev/null; echo $?'
ip vrf show
ip vrf exec nosuch true
ip vrf exec default sh -c 'exit 5'
ip tuntap add t0 mode tun
ip tuntap
ip token
ip tcp_metrics
ip xfrm state
ip mroute
ip fou show
ip macsec show
ip sr tunsrc show
ip mptcp limits
ip netconf show dev lo
ip link property show d0
ip link afstats dev lo
ip link xstats type bridge
ip ioam namespace show
ip addrlabel
ip l2tp show tunnel
ip ila list
ip tunnel show
ip -6 tunnel show
ip tunnel add
ip link del d0.5
ip link del vx0
ip link del bond0
ip link del br0
ip link del v0
ip link del d0
ip link del d0
ip -br link
printf 'link add b%d type dummy\n' 1 2 3 4 5 6 7 8 9 | ip -b -
ip -br link | cut -c1-30
ip -o link | wc -l
rtmon bogus
timeout 0.7 rtmon file rt.log; echo $?
