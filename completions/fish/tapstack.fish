# Generated from the grammar tables by scripts/reference.mjs; do not edit.
function __tapstack_devices
    ip -o link show 2>/dev/null | string replace -r '^[0-9]+: ([^:@]+).*' '$1'
end
function __tapstack_namespaces
    ip netns list 2>/dev/null | string replace -r ' .*' ''
end
complete -c ip -f
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a address -d 'addresses of network devices'
complete -c ip -n '__fish_seen_subcommand_from address; and not __fish_seen_subcommand_from add change replace delete show list flush save showdump restore help' -a 'add change replace delete show list flush save showdump restore help'
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from add' -a "peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local"
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from change' -a "peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local"
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from replace' -a "peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local"
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from delete' -a "peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local"
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from show' -a "(__tapstack_devices) to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev"
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from list' -a "(__tapstack_devices) to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev"
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from flush' -a "(__tapstack_devices) to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev"
complete -c ip -n '__fish_seen_subcommand_from address; and __fish_seen_subcommand_from save' -a "to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a addrlabel -d 'labels for choosing among IPv6 addresses'
complete -c ip -n '__fish_seen_subcommand_from addrlabel; and not __fish_seen_subcommand_from list show add delete flush help' -a 'list show add delete flush help'
complete -c ip -n '__fish_seen_subcommand_from addrlabel; and __fish_seen_subcommand_from add' -a "prefix dev label"
complete -c ip -n '__fish_seen_subcommand_from addrlabel; and __fish_seen_subcommand_from delete' -a "prefix dev label"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a maddress -d 'multicast addresses'
complete -c ip -n '__fish_seen_subcommand_from maddress; and not __fish_seen_subcommand_from add delete show list help' -a 'add delete show list help'
complete -c ip -n '__fish_seen_subcommand_from maddress; and __fish_seen_subcommand_from add' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from maddress; and __fish_seen_subcommand_from delete' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from maddress; and __fish_seen_subcommand_from show' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from maddress; and __fish_seen_subcommand_from list' -a "(__tapstack_devices)"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a route -d 'routing tables'
complete -c ip -n '__fish_seen_subcommand_from route; and not __fish_seen_subcommand_from list show get add change replace prepend append test delete flush save restore showdump help' -a 'list show get add change replace prepend append test delete flush save restore showdump help'
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from list' -a "table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from show' -a "table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from get' -a "tos dsfield from iif mark oif notify connected vrf uid fibmatch sport dport ipproto as to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from add' -a "src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from change' -a "src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from replace' -a "src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from prepend' -a "src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from append' -a "src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from test' -a "src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from delete' -a "src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from flush' -a "table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to"
complete -c ip -n '__fish_seen_subcommand_from route; and __fish_seen_subcommand_from save' -a "table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a rule -d 'rules of policy routing'
complete -c ip -n '__fish_seen_subcommand_from rule; and not __fish_seen_subcommand_from list show save restore add delete flush help' -a 'list show save restore add delete flush help'
complete -c ip -n '__fish_seen_subcommand_from rule; and __fish_seen_subcommand_from list' -a "preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to"
complete -c ip -n '__fish_seen_subcommand_from rule; and __fish_seen_subcommand_from show' -a "preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to"
complete -c ip -n '__fish_seen_subcommand_from rule; and __fish_seen_subcommand_from add' -a "not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type"
complete -c ip -n '__fish_seen_subcommand_from rule; and __fish_seen_subcommand_from delete' -a "not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type"
complete -c ip -n '__fish_seen_subcommand_from rule; and __fish_seen_subcommand_from flush' -a "preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a neighbour -d 'neighbour tables: ARP and neighbour discovery'
complete -c ip -n '__fish_seen_subcommand_from neighbour; and not __fish_seen_subcommand_from add change replace delete get show list flush help' -a 'add change replace delete get show list flush help'
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from add' -a "lladdr nud proxy router use managed extern_learn dev protocol to"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from change' -a "lladdr nud proxy router use managed extern_learn dev protocol to"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from replace' -a "lladdr nud proxy router use managed extern_learn dev protocol to"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from delete' -a "lladdr nud proxy router use managed extern_learn dev protocol to"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from get' -a "dev proxy to"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from show' -a "dev master vrf nomaster unused nud proxy protocol to"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from list' -a "dev master vrf nomaster unused nud proxy protocol to"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and __fish_seen_subcommand_from flush' -a "dev master vrf nomaster unused nud proxy protocol to"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a ntable -d 'settings of the neighbour tables'
complete -c ip -n '__fish_seen_subcommand_from ntable; and not __fish_seen_subcommand_from change show list help' -a 'change show list help'
complete -c ip -n '__fish_seen_subcommand_from ntable; and __fish_seen_subcommand_from change' -a "name dev thresh1 thresh2 thresh3 gc_int base_reachable retrans gc_stale delay_probe queue app_probes ucast_probes mcast_probes anycast_delay proxy_delay proxy_queue locktime"
complete -c ip -n '__fish_seen_subcommand_from ntable; and __fish_seen_subcommand_from show' -a "name dev"
complete -c ip -n '__fish_seen_subcommand_from ntable; and __fish_seen_subcommand_from list' -a "name dev"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a link -d 'network devices: make, change, show, remove'
complete -c ip -n '__fish_seen_subcommand_from link; and not __fish_seen_subcommand_from add set change replace delete show list xstats afstats property help' -a 'add set change replace delete show list xstats afstats property help'
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from add' -a "up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from set' -a "(__tapstack_devices) dev up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from change' -a "(__tapstack_devices) dev up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from replace' -a "up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from delete' -a "(__tapstack_devices) dev group type"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from show' -a "(__tapstack_devices) up group master vrf nomaster type dev"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from list' -a "(__tapstack_devices) up group master vrf nomaster type dev"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from xstats' -a "type dev"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from afstats' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from property' -a "add del altname dev"
complete -c ip -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from help' -a "bond bond_slave bridge bridge_slave dummy ifb nlmon gre gretap erspan ipip sit tun vxlan veth vlan ipvlan ipvtap macvlan macvtap vrf vrf_slave"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a tunnel -d 'tunnels over IPv4'
complete -c ip -n '__fish_seen_subcommand_from tunnel; and not __fish_seen_subcommand_from add change delete show list lst prl 6rd help' -a 'add change delete show list lst prl 6rd help'
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from add' -a "mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from change' -a "(__tapstack_devices) mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from delete' -a "(__tapstack_devices) mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from show' -a "(__tapstack_devices) mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from list' -a "(__tapstack_devices) mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from lst' -a "(__tapstack_devices) mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from prl' -a "dev prl-default prl-nodefault prl-delete"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and __fish_seen_subcommand_from 6rd' -a "dev 6rd-prefix 6rd-relay_prefix 6rd-reset"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a tuntap -d 'devices whose other end is a program'
complete -c ip -n '__fish_seen_subcommand_from tuntap; and not __fish_seen_subcommand_from add delete show list lst help' -a 'add delete show list lst help'
complete -c ip -n '__fish_seen_subcommand_from tuntap; and __fish_seen_subcommand_from add' -a "mode user group pi one_queue vnet_hdr multi_queue dev name"
complete -c ip -n '__fish_seen_subcommand_from tuntap; and __fish_seen_subcommand_from delete' -a "mode user group pi one_queue vnet_hdr multi_queue dev name"
complete -c ip -n '__fish_seen_subcommand_from tuntap; and __fish_seen_subcommand_from show' -a "mode user group pi one_queue vnet_hdr multi_queue dev name"
complete -c ip -n '__fish_seen_subcommand_from tuntap; and __fish_seen_subcommand_from list' -a "mode user group pi one_queue vnet_hdr multi_queue dev name"
complete -c ip -n '__fish_seen_subcommand_from tuntap; and __fish_seen_subcommand_from lst' -a "mode user group pi one_queue vnet_hdr multi_queue dev name"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a token -d 'tokenized interface identifiers'
complete -c ip -n '__fish_seen_subcommand_from token; and not __fish_seen_subcommand_from list show lst set add get delete help' -a 'list show lst set add get delete help'
complete -c ip -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from list' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from show' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from lst' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from set' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from add' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from get' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from delete' -a "dev"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a tcp_metrics -d 'what TCP remembers of the ways to its peers'
complete -c ip -n '__fish_seen_subcommand_from tcp_metrics; and not __fish_seen_subcommand_from show list delete flush help' -a 'show list delete flush help'
complete -c ip -n '__fish_seen_subcommand_from tcp_metrics; and __fish_seen_subcommand_from show' -a "src address"
complete -c ip -n '__fish_seen_subcommand_from tcp_metrics; and __fish_seen_subcommand_from list' -a "src address"
complete -c ip -n '__fish_seen_subcommand_from tcp_metrics; and __fish_seen_subcommand_from delete' -a "src address"
complete -c ip -n '__fish_seen_subcommand_from tcp_metrics; and __fish_seen_subcommand_from flush' -a "src address"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a monitor -d 'watch changes as they happen'
complete -c ip -n '__fish_seen_subcommand_from monitor; and not __fish_seen_subcommand_from help' -a 'help'
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a mroute -d 'multicast routes'
complete -c ip -n '__fish_seen_subcommand_from mroute; and not __fish_seen_subcommand_from list show help' -a 'list show help'
complete -c ip -n '__fish_seen_subcommand_from mroute; and __fish_seen_subcommand_from list' -a "table iif from to"
complete -c ip -n '__fish_seen_subcommand_from mroute; and __fish_seen_subcommand_from show' -a "table iif from to"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a mrule -d 'rules of multicast routing'
complete -c ip -n '__fish_seen_subcommand_from mrule; and not __fish_seen_subcommand_from list show save restore add delete flush help' -a 'list show save restore add delete flush help'
complete -c ip -n '__fish_seen_subcommand_from mrule; and __fish_seen_subcommand_from list' -a "preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to"
complete -c ip -n '__fish_seen_subcommand_from mrule; and __fish_seen_subcommand_from show' -a "preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to"
complete -c ip -n '__fish_seen_subcommand_from mrule; and __fish_seen_subcommand_from add' -a "not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type"
complete -c ip -n '__fish_seen_subcommand_from mrule; and __fish_seen_subcommand_from delete' -a "not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type"
complete -c ip -n '__fish_seen_subcommand_from mrule; and __fish_seen_subcommand_from flush' -a "preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a netns -d 'network namespaces'
complete -c ip -n '__fish_seen_subcommand_from netns; and not __fish_seen_subcommand_from list show list-id add set delete identify pids exec monitor attach help' -a 'list show list-id add set delete identify pids exec monitor attach help'
complete -c ip -n '__fish_seen_subcommand_from netns; and __fish_seen_subcommand_from list-id' -a "target-nsid nsid"
complete -c ip -n '__fish_seen_subcommand_from netns; and __fish_seen_subcommand_from set' -a "(__tapstack_namespaces)"
complete -c ip -n '__fish_seen_subcommand_from netns; and __fish_seen_subcommand_from delete' -a "(__tapstack_namespaces)"
complete -c ip -n '__fish_seen_subcommand_from netns; and __fish_seen_subcommand_from pids' -a "(__tapstack_namespaces)"
complete -c ip -n '__fish_seen_subcommand_from netns; and __fish_seen_subcommand_from exec' -a "(__tapstack_namespaces)"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a netconf -d 'settings of devices for IPv4 and IPv6'
complete -c ip -n '__fish_seen_subcommand_from netconf; and not __fish_seen_subcommand_from show list help' -a 'show list help'
complete -c ip -n '__fish_seen_subcommand_from netconf; and __fish_seen_subcommand_from show' -a "dev"
complete -c ip -n '__fish_seen_subcommand_from netconf; and __fish_seen_subcommand_from list' -a "dev"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a vrf -d 'virtual routing and forwarding'
complete -c ip -n '__fish_seen_subcommand_from vrf; and not __fish_seen_subcommand_from identify pids exec show list help' -a 'identify pids exec show list help'
complete -c ip -n '__fish_seen_subcommand_from vrf; and __fish_seen_subcommand_from pids' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from vrf; and __fish_seen_subcommand_from exec' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from vrf; and __fish_seen_subcommand_from show' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from vrf; and __fish_seen_subcommand_from list' -a "(__tapstack_devices)"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a nexthop -d 'nexthop objects'
complete -c ip -n '__fish_seen_subcommand_from nexthop; and not __fish_seen_subcommand_from add replace delete list show get flush bucket help' -a 'add replace delete list show get flush bucket help'
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from add' -a "id dev via encap blackhole fdb onlink group type protocol"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from replace' -a "id dev via encap blackhole fdb onlink group type protocol"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from delete' -a "id"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from list' -a "dev groups master vrf id protocol fdb"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from show' -a "dev groups master vrf id protocol fdb"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from get' -a "id"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from flush' -a "dev groups master vrf id protocol fdb"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and __fish_seen_subcommand_from bucket' -a "list get dev master vrf id nhid index"
complete -c ip -n 'not __fish_seen_subcommand_from address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats' -a stats -d 'statistics of devices'
complete -c ip -n '__fish_seen_subcommand_from stats; and not __fish_seen_subcommand_from set show help' -a 'set show help'
complete -c ip -n '__fish_seen_subcommand_from stats; and __fish_seen_subcommand_from set' -a "dev l3_stats"
complete -c ip -n '__fish_seen_subcommand_from stats; and __fish_seen_subcommand_from show' -a "dev group subgroup suite"
complete -c ip -n '__fish_seen_subcommand_from address; and test (commandline -opc)[-1] = broadcast' -a "+ -"
complete -c ip -n '__fish_seen_subcommand_from address; and test (commandline -opc)[-1] = scope' -a "host link global all"
complete -c ip -n '__fish_seen_subcommand_from address; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from address; and test (commandline -opc)[-1] = valid_lft' -a "forever"
complete -c ip -n '__fish_seen_subcommand_from address; and test (commandline -opc)[-1] = preferred_lft' -a "forever"
complete -c ip -n '__fish_seen_subcommand_from address; and test (commandline -opc)[-1] = master' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from address; and test (commandline -opc)[-1] = vrf' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from addrlabel; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from maddress; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = table' -a "main local default all"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = protocol' -a "kernel boot static all"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = scope' -a "host link global all"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = type' -a "unicast local broadcast anycast multicast blackhole unreachable prohibit throw nat"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = vrf' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = iif' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = oif' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = ipproto' -a "icmp tcp udp ipv6-icmp"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = features' -a "ecn"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = pref' -a "low medium high"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = encap' -a "ip ip6"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = ttl-propagate' -a "enabled disabled"
complete -c ip -n '__fish_seen_subcommand_from route; and test (commandline -opc)[-1] = to' -a "unicast local broadcast anycast multicast blackhole unreachable prohibit throw nat"
complete -c ip -n '__fish_seen_subcommand_from rule; and test (commandline -opc)[-1] = iif' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from rule; and test (commandline -opc)[-1] = oif' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from rule; and test (commandline -opc)[-1] = table' -a "main local default"
complete -c ip -n '__fish_seen_subcommand_from rule; and test (commandline -opc)[-1] = protocol' -a "kernel boot static"
complete -c ip -n '__fish_seen_subcommand_from rule; and test (commandline -opc)[-1] = lookup' -a "main local default"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and test (commandline -opc)[-1] = nud' -a "permanent reachable noarp none stale incomplete delay probe failed all"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and test (commandline -opc)[-1] = master' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from neighbour; and test (commandline -opc)[-1] = vrf' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from ntable; and test (commandline -opc)[-1] = name' -a "arp_cache ndisc_cache"
complete -c ip -n '__fish_seen_subcommand_from ntable; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = link' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = netns' -a "(__tapstack_namespaces)"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = multicast' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = allmulticast' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = promisc' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = trailers' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = arp' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = carrier' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = master' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = vrf' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = dynamic' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = mode' -a "default dormant"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = state' -a "unknown notpresent down lowerlayerdown testing dormant up"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = addrgenmode' -a "eui64 none stable_secret random"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = link-netns' -a "(__tapstack_namespaces)"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = protodown' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = type' -a "bond bond_slave bridge bridge_slave dummy ifb nlmon gre gretap erspan ipip sit tun vxlan veth vlan ipvlan ipvtap macvlan macvtap vrf vrf_slave"
complete -c ip -n '__fish_seen_subcommand_from link; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and test (commandline -opc)[-1] = mode' -a "gre ipip sit isatap"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and test (commandline -opc)[-1] = ttl' -a "inherit"
complete -c ip -n '__fish_seen_subcommand_from tunnel; and test (commandline -opc)[-1] = tos' -a "inherit"
complete -c ip -n '__fish_seen_subcommand_from tuntap; and test (commandline -opc)[-1] = mode' -a "tun tap"
complete -c ip -n '__fish_seen_subcommand_from token; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from monitor; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from mroute; and test (commandline -opc)[-1] = table' -a "default main all"
complete -c ip -n '__fish_seen_subcommand_from mroute; and test (commandline -opc)[-1] = iif' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from mrule; and test (commandline -opc)[-1] = iif' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from mrule; and test (commandline -opc)[-1] = oif' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from mrule; and test (commandline -opc)[-1] = table' -a "main local default"
complete -c ip -n '__fish_seen_subcommand_from mrule; and test (commandline -opc)[-1] = protocol' -a "kernel boot static"
complete -c ip -n '__fish_seen_subcommand_from mrule; and test (commandline -opc)[-1] = lookup' -a "main local default"
complete -c ip -n '__fish_seen_subcommand_from netconf; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and test (commandline -opc)[-1] = encap' -a "ip ip6"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and test (commandline -opc)[-1] = master' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from nexthop; and test (commandline -opc)[-1] = vrf' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from stats; and test (commandline -opc)[-1] = dev' -a "(__tapstack_devices)"
complete -c ip -n '__fish_seen_subcommand_from stats; and test (commandline -opc)[-1] = l3_stats' -a "on off"
complete -c ip -n '__fish_seen_subcommand_from stats; and test (commandline -opc)[-1] = group' -a "link xstats xstats_slave offload afstats"
complete -c ip -n '__fish_seen_subcommand_from stats; and test (commandline -opc)[-1] = subgroup' -a "bridge bond cpu_hit hw_stats_info l3_stats mpls"
complete -c ip -n '__fish_seen_subcommand_from stats; and test (commandline -opc)[-1] = suite' -a "stp mcast 802.3ad"
complete -c ip -o loops -d 'how often a flush of addresses may be repeated before giving up; 0 stands for without end'
complete -c ip -o family -d 'the protocol family: inet, inet6, bridge, mpls or link'
complete -c ip -o 4 -d 'as -family inet'
complete -c ip -o 6 -d 'as -family inet6'
complete -c ip -o 0 -d 'as -family link'
complete -c ip -o M -d 'as -family mpls'
complete -c ip -o B -d 'as -family bridge'
complete -c ip -o human -d 'statistics with suffixes: 1.5k'
complete -c ip -o iec -d 'with -human: powers of 1024 (1.5ki)'
complete -c ip -o stats -d 'more information; twice: still more'
complete -c ip -o details -d 'details of kinds, limits and types'
complete -c ip -o resolve -d 'addresses as names, where the hosts file has one'
complete -c ip -o oneline -d 'each record on one line; a backslash stands where a line would end'
complete -c ip -o timestamp -d 'with monitor: the time of each event on a line before it'
complete -c ip -o tshort -d 'as -timestamp, on the same line'
complete -c ip -o Version -d 'print the version and exit'
complete -c ip -o force -d 'with -batch: go on after a command that failed'
complete -c ip -o batch -d 'read commands from a file, or from standard input for "-"'
complete -c ip -o brief -d 'a short table; for link, addr and neigh'
complete -c ip -o json -d 'output as JSON'
complete -c ip -o pretty -d 'with -json: indented'
complete -c ip -o rcvbuf -d 'size of the netlink socket'\''s receive buffer'
complete -c ip -o color -d 'colours; always when no more is said'
complete -c ip -o help -d 'print the usage'
complete -c ip -o netns -d 'act in the network namespace NAME'
complete -c ip -o Numeric -d 'numbers instead of the names of protocols, scopes, tables and types'
complete -c ip -o all -d 'with netns: all of them'
complete -c bridge -s help -d 'print the usage'
complete -c bridge -s Version -d 'print the version'
complete -c bridge -s stats -s statistics -d 'show counters and ages'
complete -c bridge -s details -d 'show more'
complete -c bridge -s oneline -d 'one line a record'
complete -c bridge -s timestamp -d 'with monitor, the time before each message'
complete -c bridge -s netns -d 'act in that network namespace'
complete -c bridge -s json -d 'print JSON'
complete -c bridge -s pretty -d 'print JSON with lines and indents'
complete -c bridge -s force -d 'go on behind a line of a batch that failed'
complete -c bridge -s batch -d 'read commands from FILE'
complete -c bridge -s compressvlans -d 'show VLANs that follow each other as ranges'
complete -c nft -s h -l help -d 'Show this help'
complete -c nft -s v -l version -d 'Show version information'
complete -c nft -s V -d 'Show extended version information'
complete -c nft -s f -l file -d 'Read input from <filename>'
complete -c nft -s D -l define -d 'Define variable, e.g. --define foo=1.2.3.4'
complete -c nft -s i -l interactive -d 'Read input from interactive CLI'
complete -c nft -s I -l includepath -d 'Add <directory> to the paths searched for include files. Default is: /etc'
complete -c nft -s c -l check -d 'Check commands validity without actually applying the changes.'
complete -c nft -s o -l optimize -d 'Optimize ruleset'
complete -c nft -s a -l handle -d 'Output rule handle.'
complete -c nft -s s -l stateless -d 'Omit stateful information of ruleset.'
complete -c nft -s t -l terse -d 'Omit contents of sets.'
complete -c nft -s S -l service -d 'Translate ports to service names as described in /etc/services.'
complete -c nft -s N -l reversedns -d 'Translate IP addresses to names.'
complete -c nft -s u -l guid -d 'Print UID/GID as defined in /etc/passwd and /etc/group.'
complete -c nft -s n -l numeric -d 'Print fully numerical output.'
complete -c nft -s y -l numeric-priority -d 'Print chain priority numerically.'
complete -c nft -s p -l numeric-protocol -d 'Print layer 4 protocols numerically.'
complete -c nft -s T -l numeric-time -d 'Print time values numerically.'
complete -c nft -s e -l echo -d 'Echo what has been added, inserted or replaced.'
complete -c nft -s j -l json -d 'Format output in JSON'
complete -c nft -s d -l debug -d 'Specify debugging level (scanner, parser, eval, netlink, mnl, proto-ctx, segtree, all)'
complete -c conntrack -s L -l dump -d 'list connections, or expected ones'
complete -c conntrack -s G -l get -d 'show one connection'
complete -c conntrack -s D -l delete -d 'delete those that match, and show them'
complete -c conntrack -s I -l create -d 'make a connection'
complete -c conntrack -s A -l add -d 'make a connection, if it is not there'
complete -c conntrack -s U -l update -d 'change those that match'
complete -c conntrack -s E -l event -d 'tell of what happens, until ended'
complete -c conntrack -s F -l flush -d 'delete all'
complete -c conntrack -s C -l count -d 'how many there are'
complete -c conntrack -s S -l stats -d 'what tracking has counted'
complete -c conntrack -s V -l version -d 'print the version'
complete -c conntrack -s h -l help -d 'print the usage'
complete -c conntrack -s s -l src -l orig-src -d 'source of the first packet'
complete -c conntrack -s d -l dst -l orig-dst -d 'destination of the first packet'
complete -c conntrack -s r -l reply-src -d 'source of the answers'
complete -c conntrack -s q -l reply-dst -d 'destination of the answers'
complete -c conntrack -s n -l src-nat -d 'connections whose source is changed'
complete -c conntrack -s g -l dst-nat -d 'connections whose destination is changed'
complete -c conntrack -s j -l any-nat -d 'connections of which one is changed'
complete -c conntrack -s p -l protonum -d 'transport protocol, by name or number'
complete -c conntrack -s f -l family -d 'ipv4 or ipv6'
complete -c conntrack -s t -l timeout -d 'how long it is kept'
complete -c conntrack -s u -l status -d 'ASSURED, SEEN_REPLY, FIXED_TIMEOUT, EXPECTED, OFFLOAD or UNSET, parted by commas'
complete -c conntrack -s m -l mark -d 'the mark'
complete -c conntrack -s c -l secmark -d 'the mark of SELinux'
complete -c conntrack -s w -l zone -d 'the zone'
complete -c conntrack -l orig-zone -d 'the zone of the first direction'
complete -c conntrack -l reply-zone -d 'the zone of the answers'
complete -c conntrack -s e -l event-mask -d 'NEW, UPDATES, DESTROY or ALL, parted by commas'
complete -c conntrack -s z -l zero -d 'start counters again while they are listed'
complete -c conntrack -s o -l output -d 'extended, timestamp, id, ktimestamp, labels, userspace, xml or save, parted by commas'
complete -c conntrack -s l -l label -d 'connections with all of these labels, by their names in /etc/xtables/connlabel.conf'
complete -c conntrack -l label-add -d 'labels to give to what -U or -I is about'
complete -c conntrack -l label-del -d 'labels that -U takes away; without any, all'
complete -c conntrack -s b -l buffer-size -d 'receive buffer of -E'
complete -c conntrack -l sport -l orig-port-src -d 'source port'
complete -c conntrack -l dport -l orig-port-dst -d 'destination port'
complete -c conntrack -l reply-port-src -d 'source port of the answers'
complete -c conntrack -l reply-port-dst -d 'destination port of the answers'
complete -c conntrack -l icmp-type -d 'ICMP'\''s type'
complete -c conntrack -l icmp-code -d 'ICMP'\''s code'
complete -c conntrack -l icmp-id -d 'ICMP'\''s id'
complete -c conntrack -l state -d 'the state of TCP, SCTP or DCCP'
complete -c conntrack -l srckey -l orig-key-src -d 'GRE'\''s key of the first direction'
complete -c conntrack -l dstkey -l orig-key-dst -d 'GRE'\''s other key of the first direction'
complete -c conntrack -l reply-key-src -d 'GRE'\''s key of the answers'
complete -c conntrack -l reply-key-dst -d 'GRE'\''s other key of the answers'
complete -c conntrack -l orig-vtag -d 'SCTP'\''s verification tag'
complete -c conntrack -l reply-vtag -d 'SCTP'\''s verification tag of the answers'
complete -c conntrack -l role -d 'DCCP'\''s role: client or server'
complete -c conntrack -l mask-src -d 'which bits of the source count'
complete -c conntrack -l mask-dst -d 'which bits of the destination count'
complete -c ipvsadm -s A -l add-service -d 'add a virtual service'
complete -c ipvsadm -s E -l edit-service -d 'change a virtual service; what is not named becomes as usual'
complete -c ipvsadm -s D -l delete-service -d 'delete a virtual service with its servers'
complete -c ipvsadm -s C -l clear -d 'delete all services'
complete -c ipvsadm -s R -l restore -d 'read commands, as -S writes them, from standard input'
complete -c ipvsadm -s S -l save -d 'write commands that make the table anew'
complete -c ipvsadm -s a -l add-server -d 'add a real server to a service'
complete -c ipvsadm -s e -l edit-server -d 'change a real server'
complete -c ipvsadm -s d -l delete-server -d 'take a real server from a service; its connections go on as expire_nodest_conn has it'
complete -c ipvsadm -s L -s l -l list -d 'list services and servers, connections, timeouts or daemons'
complete -c ipvsadm -s Z -l zero -d 'start the counters of a service, or of all, again'
complete -c ipvsadm -l set -d 'set the timeouts of connections in seconds: TCP, TCP behind a FIN, UDP; 0 leaves one as it is'
complete -c ipvsadm -l start-daemon -d 'start the sync daemon: master or backup'
complete -c ipvsadm -l stop-daemon -d 'stop it'
complete -c ipvsadm -s h -l help -d 'print the usage'
complete -c ipvsadm -s v -l version -d 'print the version'
complete -c ipvsadm -s t -l tcp-service -d 'a virtual service of TCP'
complete -c ipvsadm -s u -l udp-service -d 'one of UDP'
complete -c ipvsadm -l sctp-service -d 'one of SCTP; it is kept and listed, its packets are not balanced yet'
complete -c ipvsadm -s f -l fwmark-service -d 'all packets that a firewall has marked so'
complete -c ipvsadm -s 6 -l ipv6 -d 'a service by mark is for IPv6; behind -f'
complete -c ipvsadm -s s -l scheduler -d 'rr, wrr, lc, wlc (if left out), lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh or twos'
complete -c ipvsadm -s b -l sched-flags -d 'flag-1, flag-2, flag-3, of sh and mh: sh-fallback, sh-port, mh-fallback, mh-port; parted by commas'
complete -c ipvsadm -s p -l persistent -d 'a client stays with its server so long; 360 if left out'
complete -c ipvsadm -s M -l netmask -d 'clients of one net stay together: an address mask, of IPv6 how many bits'
complete -c ipvsadm -l pe -d 'a persistence engine: sip, which is kept and listed'
complete -c ipvsadm -s o -l ops -d 'each datagram of UDP is scheduled by itself'
complete -c ipvsadm -s r -l real-server -d 'a real server; without a port that of the service'
complete -c ipvsadm -s g -l gatewaying -d 'direct routing: packets go unchanged over the link to the server (if nothing is said)'
complete -c ipvsadm -s i -l ipip -d 'packets go through a tunnel to the server'
complete -c ipvsadm -s m -l masquerading -d 'packets get the address of the server, answers that of the service'
complete -c ipvsadm -l tun-type -d 'the tunnel: ipip, gue or gre'
complete -c ipvsadm -l tun-port -d 'gue'\''s destination port'
complete -c ipvsadm -l tun-nocsum -d 'outer headers without checksum'
complete -c ipvsadm -l tun-csum -d 'with a checksum'
complete -c ipvsadm -l tun-remcsum -d 'with remote checksum offload'
complete -c ipvsadm -s w -l weight -d 'how much the server takes, against others; 0: no new connections'
complete -c ipvsadm -s x -l u-threshold -d 'at so many connections the server takes no more'
complete -c ipvsadm -s y -l l-threshold -d 'until it has less than so many'
complete -c ipvsadm -s c -l connection -d 'list connections'
complete -c ipvsadm -l timeout -d 'list the timeouts'
complete -c ipvsadm -l daemon -d 'list the sync daemons'
complete -c ipvsadm -l stats -d 'list counters; they are added up each two seconds'
complete -c ipvsadm -l rate -d 'list rates'
complete -c ipvsadm -s X -l exact -d 'do not shorten large numbers'
complete -c ipvsadm -l thresholds -d 'list thresholds'
complete -c ipvsadm -l persistent-conn -d 'list persistent connections'
complete -c ipvsadm -l tun-info -d 'list tunnels'
complete -c ipvsadm -l nosort -d 'in the table'\''s order'
complete -c ipvsadm -l sort -d 'nothing: what is listed is sorted'
complete -c ipvsadm -s n -l numeric -d 'addresses and ports as numbers'
complete -c ipvsadm -l syncid -d 'which master and backups belong together, 0-255'
complete -c ipvsadm -l sync-maxlen -d 'the longest message'
complete -c ipvsadm -l mcast-interface -d 'where the master tells, and the backup listens'
complete -c ipvsadm -l mcast-group -d 'in which group; 224.0.0.81 if left out'
complete -c ipvsadm -l mcast-port -d 'at which port; 8848 if left out'
complete -c ipvsadm -l mcast-ttl -d 'how far; 1 if left out'
complete -c ipvsadm-save -s n -d 'addresses and ports as numbers'
complete -c modprobe -s a -l all -d 'all operands are modules'
complete -c modprobe -s r -l remove -d 'take modules out, and what nobody needs then'
complete -c modprobe -l first-time -d 'it is an error if there is nothing to be done'
complete -c modprobe -s R -l resolve-alias -d 'print the name behind an alias'
complete -c modprobe -s D -l show-depends -d 'print what a module needs, itself last'
complete -c modprobe -s c -l showconfig -l show-config -d 'print the aliases that are known'
complete -c modprobe -s n -l dry-run -l show -d 'do nothing'
complete -c modprobe -s v -l verbose -d 'tell what is done'
complete -c modprobe -s q -l quiet -d 'do not tell of modules that are not there'
complete -c modprobe -s d -l dirname -d 'look for /lib/modules there'
complete -c modprobe -s S -l set-version -d 'modules of another kernel'
complete -c modprobe -s V -l version -d 'print the version'
complete -c modprobe -s h -l help -d 'print the options'
complete -c modprobe -s f -l force -l force-modversion -l force-vermagic -d 'nothing: there is nothing to be forced'
complete -c modprobe -s b -l use-blacklist -d 'nothing: there is no blacklist'
complete -c modprobe -s i -l ignore-install -l ignore-remove -d 'nothing: there are no commands in the stead of modules'
complete -c modprobe -s s -l syslog -d 'nothing: there is no system log'
complete -c modprobe -s w -l wait -d 'nothing: what is in use is not waited for'
complete -c modprobe -s C -l config -d 'nothing: there is no configuration'
complete -c modprobe -l remove-holders -l remove-dependencies -d 'nothing: who uses a module keeps it'
complete -c modinfo -s a -l author -d ''\''author'\'' alone'
complete -c modinfo -s d -l description -d ''\''description'\'' alone'
complete -c modinfo -s l -l license -d ''\''license'\'' alone'
complete -c modinfo -s p -l parameters -d ''\''parm'\'' alone'
complete -c modinfo -s n -l filename -d ''\''filename'\'' alone'
complete -c modinfo -s 0 -l null -d 'end values by a zero byte'
complete -c modinfo -s m -l modname -d 'operands are names of modules, as they are without'
complete -c modinfo -s F -l field -d 'that field alone'
complete -c modinfo -s k -l set-version -d 'nothing: there is one kernel'
complete -c modinfo -s b -l basedir -d 'nothing: there is one folder'
complete -c modinfo -s V -l version -d 'print the version'
complete -c modinfo -s h -l help -d 'print the options'
complete -c ethtool -l debug -d 'print what goes over netlink: 2 the messages, 4 and 8 the bytes sent and received'
complete -c ethtool -l json -d 'print JSON, where a sub-command knows it'
complete -c ethtool -s I -l include-statistics -d 'ask for counters that belong to what is shown'
complete -c ethtool -s s -l change -d 'Change generic options'
complete -c ethtool -s a -l show-pause -d 'Show pause options'
complete -c ethtool -s A -l pause -d 'Set pause options'
complete -c ethtool -s c -l show-coalesce -d 'Show coalesce options'
complete -c ethtool -s C -l coalesce -d 'Set coalesce options'
complete -c ethtool -s g -l show-ring -d 'Query RX/TX ring parameters'
complete -c ethtool -s G -l set-ring -d 'Set RX/TX ring parameters'
complete -c ethtool -s k -l show-features -l show-offload -d 'Get state of protocol offload and other features'
complete -c ethtool -s K -l features -l offload -d 'Set protocol offload and other features'
complete -c ethtool -s i -l driver -d 'Show driver information'
complete -c ethtool -s d -l register-dump -d 'Do a register dump'
complete -c ethtool -s e -l eeprom-dump -d 'Do a EEPROM dump'
complete -c ethtool -s E -l change-eeprom -d 'Change bytes in device EEPROM'
complete -c ethtool -s r -l negotiate -d 'Restart N-WAY negotiation'
complete -c ethtool -s p -l identify -d 'Show visible port identification (e.g. blinking)'
complete -c ethtool -s t -l test -d 'Execute adapter self test'
complete -c ethtool -s S -l statistics -d 'Show adapter statistics'
complete -c ethtool -l phy-statistics -d 'Show phy statistics'
complete -c ethtool -s n -s u -l show-nfc -l show-ntuple -d 'Show Rx network flow classification options or rules'
complete -c ethtool -s N -s U -l config-nfc -l config-ntuple -d 'Configure Rx network flow classification options or rules'
complete -c ethtool -s T -l show-time-stamping -d 'Show time stamping capabilities'
complete -c ethtool -s x -l show-rxfh-indir -l show-rxfh -d 'Show Rx flow hash indirection table and/or RSS hash key'
complete -c ethtool -s X -l set-rxfh-indir -l rxfh -d 'Set Rx flow hash indirection table and/or RSS hash key'
complete -c ethtool -s f -l flash -d 'Flash firmware image from the specified file to a region on the device'
complete -c ethtool -s P -l show-permaddr -d 'Show permanent hardware address'
complete -c ethtool -s w -l get-dump -d 'Get dump flag, data'
complete -c ethtool -s W -l set-dump -d 'Set dump flag of the device'
complete -c ethtool -s l -l show-channels -d 'Query Channels'
complete -c ethtool -s L -l set-channels -d 'Set Channels'
complete -c ethtool -l show-priv-flags -d 'Query private flags'
complete -c ethtool -l set-priv-flags -d 'Set private flags'
complete -c ethtool -s m -l dump-module-eeprom -l module-info -d 'Query/Decode Module EEPROM information and optical diagnostics if available'
complete -c ethtool -l show-eee -d 'Show EEE settings'
complete -c ethtool -l set-eee -d 'Set EEE settings'
complete -c ethtool -l set-phy-tunable -d 'Set PHY tunable'
complete -c ethtool -l get-phy-tunable -d 'Get PHY tunable'
complete -c ethtool -l get-tunable -d 'Get tunable'
complete -c ethtool -l set-tunable -d 'Set tunable'
complete -c ethtool -l reset -d 'Reset components'
complete -c ethtool -l show-fec -d 'Show FEC settings'
complete -c ethtool -l set-fec -d 'Set FEC settings'
complete -c ethtool -s Q -l per-queue -d 'Apply per-queue command. The supported sub commands include --show-coalesce, --coalesce'
complete -c ethtool -l cable-test -d 'Perform a cable test'
complete -c ethtool -l cable-test-tdr -d 'Print cable test time domain reflectrometery data'
complete -c ethtool -l show-tunnels -d 'Show NIC tunnel offload information'
complete -c ethtool -l show-module -d 'Show transceiver module settings'
complete -c ethtool -l set-module -d 'Set transceiver module settings'
complete -c ethtool -l monitor -d 'show changes as they are told'
complete -c ethtool -s h -l help -d 'print the usage'
complete -c ethtool -l version -d 'print the version'
complete -c rtmon -s family -d 'inet, inet6 or link: only addresses and routes of that family'
complete -c rtmon -s 4 -d 'the same as -family inet'
complete -c rtmon -s 6 -d 'the same as -family inet6'
complete -c rtmon -s 0 -d 'the same as -family link'
complete -c rtmon -s Version -d 'print the version'
complete -c sysctl -s a -l all -d 'show all settings'
complete -c sysctl -s A -d 'as -a'
complete -c sysctl -s X -d 'as -a'
complete -c sysctl -l deprecated -d 'settings by older names too: base_reachable_time, retrans_time'
complete -c sysctl -l dry-run -d 'say what would be set without setting it'
complete -c sysctl -s b -l binary -d 'values without a newline behind them'
complete -c sysctl -s e -l ignore -d 'say nothing of settings that are not there'
complete -c sysctl -s N -l names -d 'names without values'
complete -c sysctl -s n -l values -d 'values without names'
complete -c sysctl -s p -l load -d 'set what the files say; /etc/sysctl.conf when none is named'
complete -c sysctl -s f -d 'as -p'
complete -c sysctl -l system -d 'set what all files of the system say: sysctl.d folders, then /etc/sysctl.conf'
complete -c sysctl -s r -l pattern -d 'only settings that the regular expression fits'
complete -c sysctl -s q -l quiet -d 'do not show what was set'
complete -c sysctl -s w -l write -d 'all words are settings: KEY=VALUE'
complete -c sysctl -s d -d 'as -h'
complete -c sysctl -s h -l help -d 'print the usage'
complete -c sysctl -s V -l version -d 'print the version'
complete -c ping -s a -d 'use audible ping'
complete -c ping -s A -d 'use adaptive ping'
complete -c ping -s B -d 'sticky source address'
complete -c ping -s c -d 'stop after <count> replies'
complete -c ping -s C -d 'call connect() syscall on socket creation'
complete -c ping -s D -d 'print timestamps'
complete -c ping -s d -d 'use SO_DEBUG socket option'
complete -c ping -s e -d 'define identifier for ping session, default is random for SOCK_RAW and kernel defined for SOCK_DGRAM Imply using SOCK_RAW (for IPv4 only for identifier 0)'
complete -c ping -s f -d 'flood ping'
complete -c ping -s h -d 'print help and exit'
complete -c ping -s I -d 'either interface name or address'
complete -c ping -s i -d 'seconds between sending each packet'
complete -c ping -s L -d 'suppress loopback of multicast packets'
complete -c ping -s l -d 'send <preload> number of packages while waiting replies'
complete -c ping -s m -d 'tag the packets going out'
complete -c ping -s M -d 'define mtu discovery, can be one of <do|dont|want>'
complete -c ping -s n -d 'no dns name resolution'
complete -c ping -s O -d 'report outstanding replies'
complete -c ping -s p -d 'contents of padding byte'
complete -c ping -s q -d 'quiet output'
complete -c ping -s Q -d 'use quality of service <tclass> bits'
complete -c ping -s s -d 'use <size> as number of data bytes to be sent'
complete -c ping -s S -d 'use <size> as SO_SNDBUF socket option value'
complete -c ping -s t -d 'define time to live'
complete -c ping -s U -d 'print user-to-user latency'
complete -c ping -s v -d 'verbose output'
complete -c ping -s V -d 'print version and exit'
complete -c ping -s w -d 'reply wait <deadline> in seconds'
complete -c ping -s W -d 'time to wait for response'
complete -c ping -s r -d 'bypass routing, send to a host on an attached network'
complete -c ping -s 4 -d 'use IPv4'
complete -c ping -s b -d 'allow pinging broadcast'
complete -c ping -s R -d 'record route'
complete -c ping -s T -d 'define timestamp, can be one of <tsonly|tsandaddr|tsprespec>'
complete -c ping -s 6 -d 'use IPv6'
complete -c ping -s F -d 'define flow label, default is random'
complete -c ping -s N -d 'use icmp6 node info query, try <help> as argument'
complete -c ss -s h -l help -d 'print the usage'
complete -c ss -s V -l version -d 'print the version'
complete -c ss -s H -l no-header -d 'leave the line of titles out'
complete -c ss -s O -l oneline -d 'one line a socket, whatever is shown of it'
complete -c ss -s n -l numeric -d 'numbers instead of names of services'
complete -c ss -s r -l resolve -d 'names of hosts, from the file hosts'
complete -c ss -s a -l all -d 'sockets in all states'
complete -c ss -s l -l listening -d 'only those that listen'
complete -c ss -s o -l options -d 'the timer that runs, the time that is left, and how often it repeated'
complete -c ss -s e -l extended -d 'owner, inode, cookie, mark, and which directions are shut'
complete -c ss -s m -l memory -d 'memory of queues and buffers'
complete -c ss -s p -l processes -d 'who holds the socket'
complete -c ss -s T -l threads -d 'threads that hold the socket'
complete -c ss -s i -l info -d 'what TCP knows of the connection: times, windows, counters'
complete -c ss -l tipcinfo -d 'details of TIPC sockets, of which there are none'
complete -c ss -l tos -d 'type of service, traffic class, and priority'
complete -c ss -l cgroup -d 'control group'
complete -c ss -l inet-sockopt -d 'options of sockets over IP'
complete -c ss -s K -l kill -d 'end the sockets that are shown, where the kernel can'
complete -c ss -s s -l summary -d 'only how many sockets of which kind there are'
complete -c ss -s E -l events -d 'go on and show sockets as they end'
complete -c ss -s Z -l context -d 'SELinux contexts, where there is SELinux: not here'
complete -c ss -s z -l contexts -d 'the same of sockets'
complete -c ss -s N -l net -d 'look into that network namespace'
complete -c ss -s b -l bpf -d 'classic BPF filters of packet sockets'
complete -c ss -s 4 -l ipv4 -d 'sockets over IPv4, as -f inet'
complete -c ss -s 6 -l ipv6 -d 'sockets over IPv6, as -f inet6'
complete -c ss -s 0 -l packet -d 'packet sockets, as -f link'
complete -c ss -s t -l tcp -d 'TCP'
complete -c ss -s u -l udp -d 'UDP'
complete -c ss -s d -l dccp -d 'DCCP, of which there are none'
complete -c ss -s w -l raw -d 'raw sockets'
complete -c ss -s x -l unix -d 'Unix sockets, as -f unix'
complete -c ss -s S -l sctp -d 'SCTP, of which there are none'
complete -c ss -s M -l mptcp -d 'MPTCP, of which there are none'
complete -c ss -l tipc -d 'TIPC, as -f tipc'
complete -c ss -l vsock -d 'sockets to virtual machines, as -f vsock'
complete -c ss -l xdp -d 'XDP sockets, as -f xdp'
complete -c ss -s f -l family -d 'sockets of a family: inet, inet6, link, unix, netlink, vsock, tipc, xdp'
complete -c ss -s A -l query -l socket -d 'tables by their names, with commas between; ! before one takes it out'
complete -c ss -s D -l diag -d 'write the answers about TCP sockets to FILE as they come, and show nothing'
complete -c ss -s F -l filter -d 'read the filter from FILE; - is standard input'
complete -c netstat -s r -l route -d 'the routing table'
complete -c netstat -s i -l interfaces -d 'the devices with what they counted'
complete -c netstat -s g -l groups -d 'memberships in multicast groups'
complete -c netstat -s s -l statistics -d 'the counters of each protocol'
complete -c netstat -s M -l masquerade -d 'masqueraded connections; Linux has no such table any more, conntrack(8) shows them'
complete -c netstat -s Z -l context -d 'SELinux contexts, where there are any'
complete -c netstat -s v -l verbose -d 'say what is not there'
complete -c netstat -s W -l wide -d 'do not cut addresses'
complete -c netstat -s n -l numeric -d 'numbers instead of names'
complete -c netstat -l numeric-hosts -d 'addresses instead of names of hosts'
complete -c netstat -l numeric-ports -d 'numbers instead of names of ports'
complete -c netstat -l numeric-users -d 'numbers instead of names of users'
complete -c netstat -s N -l symbolic -d 'names of hardware'
complete -c netstat -s e -l extend -d 'more columns; twice, all of them'
complete -c netstat -s p -l programs -d 'who holds each socket'
complete -c netstat -s o -l timers -d 'timers of sockets'
complete -c netstat -s c -l continuous -d 'again each second'
complete -c netstat -s l -l listening -d 'sockets that listen'
complete -c netstat -s a -l all -d 'all sockets; without it and -l, those that are connected'
complete -c netstat -s F -l fib -d 'with -r, the table that packets are routed by'
complete -c netstat -s C -l cache -d 'with -r, the cache, which Linux has no more'
complete -c netstat -s t -l tcp -d 'sockets of TCP'
complete -c netstat -s u -l udp -d 'sockets of UDP'
complete -c netstat -s U -l udplite -d 'sockets of UDP-Lite'
complete -c netstat -s S -l sctp -d 'sockets of SCTP'
complete -c netstat -s w -l raw -d 'raw sockets'
complete -c netstat -s x -l unix -d 'Unix sockets'
complete -c netstat -s 4 -l inet -d 'IPv4 alone'
complete -c netstat -s 6 -l inet6 -d 'IPv6 alone'
complete -c netstat -s A -l protocol -d 'sockets or routes of these families, with commas between them'
complete -c netstat -l x25 -d 'sockets of X.25, which there are none of'
complete -c netstat -l ax25 -d 'sockets of AX.25, which there are none of'
complete -c netstat -l ipx -d 'sockets of IPX, which there are none of'
complete -c netstat -l netrom -d 'sockets of NET/ROM, which there are none of'
complete -c netstat -s V -l version -d 'print the version'
complete -c netstat -s h -l help -d 'print the usage'
complete -c nstat -s h -l help -d 'print the usage'
complete -c nstat -s a -l ignore -d 'values as they are, not since the last call'
complete -c nstat -s d -l scan -d 'sample in the background; not there, but for 0, which means not to'
complete -c nstat -s j -l json -d 'print JSON'
complete -c nstat -s n -l nooutput -d 'show nothing, only remember'
complete -c nstat -s p -l pretty -d 'with -j, lines and indents'
complete -c nstat -s r -l reset -d 'forget what was remembered first'
complete -c nstat -s s -l noupdate -d 'remember nothing'
complete -c nstat -s t -l interval -d 'the time that averages are of, where samples are taken in the background'
complete -c nstat -s V -l version -d 'print the version'
complete -c nstat -s z -l zeros -d 'show what is zero too'
complete -c tcpdump-lite -s a -d 'does nothing; once it resolved addresses'
complete -c tcpdump-lite -s A -d 'packets in ASCII, without the link-layer header; twice: with it'
complete -c tcpdump-lite -s b -d 'AS numbers of BGP in dots'
complete -c tcpdump-lite -s B -l buffer-size -d 'size of the capture buffer'
complete -c tcpdump-lite -s c -d 'end after COUNT packets'
complete -c tcpdump-lite -l count -d 'with -r: print how many packets there are instead of the packets'
complete -c tcpdump-lite -s C -d 'with -w: begin another file when one has grown past this many million bytes'
complete -c tcpdump-lite -s d -d 'print the compiled filter and end; twice: as a fragment of C; three times: as numbers'
complete -c tcpdump-lite -s D -l list-interfaces -d 'list the devices that can be captured on'
complete -c tcpdump-lite -s e -d 'show link-layer headers'
complete -c tcpdump-lite -s E -d 'decrypt ESP: aes128, aes192, aes256 or 3des with -cbc or -hmac96 behind them; "file NAME" reads such lines'
complete -c tcpdump-lite -s f -d 'IPv4 addresses outside of the network of the device as numbers'
complete -c tcpdump-lite -s F -d 'read the filter from FILE'
complete -c tcpdump-lite -s G -d 'with -w: begin another file every SECONDS; its name may hold what strftime(3) knows'
complete -c tcpdump-lite -s h -l help -d 'print the version and the usage'
complete -c tcpdump-lite -s H -d 'look for 802.11s mesh headers'
complete -c tcpdump-lite -s i -l interface -d 'capture on DEVICE, its number of -D, or "any"'
complete -c tcpdump-lite -s I -l monitor-mode -d 'monitor mode, which no device here has: an error'
complete -c tcpdump-lite -s j -l time-stamp-type -d 'kind of time stamps; for another than host a warning, and host it is'
complete -c tcpdump-lite -s J -l list-time-stamp-types -d 'list the kinds of time stamps'
complete -c tcpdump-lite -l micro -d 'times in microseconds'
complete -c tcpdump-lite -l nano -d 'times in nanoseconds'
complete -c tcpdump-lite -l time-stamp-precision -d 'micro or nano'
complete -c tcpdump-lite -s K -l dont-verify-checksums -d 'do not verify checksums'
complete -c tcpdump-lite -s l -d 'write each line at once'
complete -c tcpdump-lite -s L -l list-data-link-types -d 'list the link types of the device'
complete -c tcpdump-lite -s m -d 'understood; there are no MIB modules'
complete -c tcpdump-lite -s M -d 'verify TCP'\''s MD5 signatures (RFC 2385) and those of OLSR, RSVP and others with SECRET'
complete -c tcpdump-lite -s n -d 'addresses and ports as numbers'
complete -c tcpdump-lite -s N -d 'host names without their domain'
complete -c tcpdump-lite -s # -l number -d 'number the packets'
complete -c tcpdump-lite -s O -l no-optimize -d 'do not optimise the filter'
complete -c tcpdump-lite -s p -l no-promiscuous-mode -d 'do not make the device promiscuous'
complete -c tcpdump-lite -l print -d 'with -w: print packets too'
complete -c tcpdump-lite -s q -d 'say less of protocols'
complete -c tcpdump-lite -s Q -l direction -d 'in, out or inout: which packets'
complete -c tcpdump-lite -s r -d 'read packets from FILE (pcap or pcapng; "-" is standard input)'
complete -c tcpdump-lite -s s -l snapshot-length -d 'take this many bytes of each packet; 0: all'
complete -c tcpdump-lite -s S -l absolute-tcp-sequence-numbers -d 'TCP'\''s sequence numbers as they are'
complete -c tcpdump-lite -s t -d 'no times; twice: seconds since 1970; three times: since the packet before; four times: with the date; five times: since the first packet'
complete -c tcpdump-lite -s T -d 'take the payload for TYPE, whatever its ports say'
complete -c tcpdump-lite -s u -d 'NFS handles as they are'
complete -c tcpdump-lite -s U -l packet-buffered -d 'with -w: write each packet at once'
complete -c tcpdump-lite -s v -d 'say more; twice and three times: yet more'
complete -c tcpdump-lite -l version -d 'print the version'
complete -c tcpdump-lite -s V -d 'read packets from the files that FILE lists'
complete -c tcpdump-lite -s w -d 'write packets to FILE ("-" is standard output) instead of printing them'
complete -c tcpdump-lite -s W -d 'with -C: a ring of COUNT files; with -G: end after COUNT files'
complete -c tcpdump-lite -s x -d 'packets in hex, without the link-layer header; twice: with it'
complete -c tcpdump-lite -s X -d 'packets in hex and ASCII, without the link-layer header; twice: with it'
complete -c tcpdump-lite -s y -l linktype -d 'link type to capture with or to compile the filter for'
complete -c tcpdump-lite -s Y -l debug-filter-parser -d 'print the usage and fail, as without a debug build of libpcap'
complete -c tcpdump-lite -s z -d 'with -C or -G: run COMMAND on each file that is done'
complete -c tcpdump-lite -s Z -l relinquish-privileges -d 'must be a user that is known; privileges are kept'
complete -c tcpdump-lite -l immediate-mode -d 'hand packets over as they come'
function __tapstack_instances
    tapstack list --json 2>/dev/null | string match -r -g '"name": "(.*)"'
end
complete -c tapstack -f
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -s V -l version -d 'output the version number'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a run -d 'run a program in a fresh private instance, which ends with it'
complete -c tapstack -n '__fish_seen_subcommand_from run' -l nic -x -d 'give it a NIC: NAME[,mac=M][,tap=HOSTTAP[,netns=PATH]][,module=FILE] (repeatable); a bad wire by ,loss=1%,duplicate=1%,reorder=1%,delay=10ms'
complete -c tapstack -n '__fish_seen_subcommand_from run' -l root -d 'show an ordinary user'\''s program uid 0'
complete -c tapstack -n '__fish_seen_subcommand_from run' -l no-capture -d 'programs keep the host'\''s sockets: only our own commands see the stack'
complete -c tapstack -n '__fish_seen_subcommand_from run' -s h -l help -d 'display help for command'
complete -c tapstack -n '__fish_seen_subcommand_from run' -x -a '(__fish_complete_subcommand)'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a shell -d 'the same with your shell'
complete -c tapstack -n '__fish_seen_subcommand_from shell' -l nic -x -d 'give it a NIC: NAME[,mac=M][,tap=HOSTTAP[,netns=PATH]][,module=FILE] (repeatable); a bad wire by ,loss=1%,duplicate=1%,reorder=1%,delay=10ms'
complete -c tapstack -n '__fish_seen_subcommand_from shell' -l root -d 'show an ordinary user'\''s shell uid 0'
complete -c tapstack -n '__fish_seen_subcommand_from shell' -l no-capture -d 'programs keep the host'\''s sockets: only our own commands see the stack'
complete -c tapstack -n '__fish_seen_subcommand_from shell' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a up -d 'start a lasting instance'
complete -c tapstack -n '__fish_seen_subcommand_from up' -l nic -x -d 'give it a NIC: NAME[,mac=M][,tap=HOSTTAP[,netns=PATH]][,module=FILE] (repeatable); a bad wire by ,loss=1%,duplicate=1%,reorder=1%,delay=10ms'
complete -c tapstack -n '__fish_seen_subcommand_from up' -l name -x -a '(__tapstack_instances)' -d 'the instance (else TAPSTACK_INSTANCE, else "default")'
complete -c tapstack -n '__fish_seen_subcommand_from up' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a down -d 'end an instance and take away its files'
complete -c tapstack -n '__fish_seen_subcommand_from down' -l name -x -a '(__tapstack_instances)' -d 'the instance (else TAPSTACK_INSTANCE, else "default")'
complete -c tapstack -n '__fish_seen_subcommand_from down' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a status -d 'what an instance holds'
complete -c tapstack -n '__fish_seen_subcommand_from status' -l name -x -a '(__tapstack_instances)' -d 'the instance (else TAPSTACK_INSTANCE, else "default")'
complete -c tapstack -n '__fish_seen_subcommand_from status' -l json -d 'print JSON'
complete -c tapstack -n '__fish_seen_subcommand_from status' -l unsupported -d 'what its programs asked for and is not there (they got the error that Linux gives for it), and how often'
complete -c tapstack -n '__fish_seen_subcommand_from status' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a list -d 'all instances of yours'
complete -c tapstack -n '__fish_seen_subcommand_from list' -l json -d 'print JSON'
complete -c tapstack -n '__fish_seen_subcommand_from list' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a doctor -d 'what this machine lets programs of an instance do; what it does not, why, and what works all the same'
complete -c tapstack -n '__fish_seen_subcommand_from doctor' -l json -d 'print JSON'
complete -c tapstack -n '__fish_seen_subcommand_from doctor' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a nic
complete -c tapstack -n '__fish_seen_subcommand_from nic; and not __fish_seen_subcommand_from list add del' -a list -d 'the NICs of an instance, and what went over their wires'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and __fish_seen_subcommand_from list' -l name -x -a '(__tapstack_instances)' -d 'the instance (else TAPSTACK_INSTANCE, else "default")'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and __fish_seen_subcommand_from list' -l json -d 'print JSON'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and __fish_seen_subcommand_from list' -s h -l help -d 'display help for command'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and not __fish_seen_subcommand_from list add del' -a add -d 'give a running instance a NIC'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and __fish_seen_subcommand_from add' -l name -x -a '(__tapstack_instances)' -d 'the instance (else TAPSTACK_INSTANCE, else "default")'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and __fish_seen_subcommand_from add' -s h -l help -d 'display help for command'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and not __fish_seen_subcommand_from list add del' -a del -d 'take a NIC away'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and __fish_seen_subcommand_from del' -l name -x -a '(__tapstack_instances)' -d 'the instance (else TAPSTACK_INSTANCE, else "default")'
complete -c tapstack -n '__fish_seen_subcommand_from nic; and __fish_seen_subcommand_from del' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a mroute -d 'route multicasts while it runs, as a daemon would: Linux has no command that makes multicast routes'
complete -c tapstack -n '__fish_seen_subcommand_from mroute' -l table -x -d 'the table of multicast routes'
complete -c tapstack -n '__fish_seen_subcommand_from mroute' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a ra -d 'advertise a device of the stack as a router to the hosts behind it while it runs, as radvd does on Linux'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l interval -x -d 'time between advertisements'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l lifetime -x -d 'how long hosts keep it as a default router, 0: it is none (else three intervals)'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l preference -x -d 'among default routers and of routes: low, medium or high'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l hop-limit -x -d 'what hosts give their packets, 0: not said'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l mtu -x -d 'MTU of the link (else not said)'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l valid -x -d 'how long addresses of the prefixes are valid, or "infinity"'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l preferred -x -d 'how long they are preferred, or "infinity"'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l no-autoconf -d 'hosts make no addresses of the prefixes'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l route -x -d 'a route that leads here (repeatable)'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l managed -d 'addresses are to be had by DHCPv6'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -l other -d 'other settings are to be had by DHCPv6'
complete -c tapstack -n '__fish_seen_subcommand_from ra' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a packetdrill -d 'run scripts in the language of packetdrill against the stack, under virtual time'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l ip_version -x -d 'ipv4 (unless given), ipv4-mapped-ipv6 or ipv6'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l local_ip -x -d 'address of the stack'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l remote_ip -x -d 'address of the peer that the script plays, with /LENGTH of its network'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l gateway_ip -x -d 'taken, and not needed: the peer is behind tun0'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l netmask_ip -x -d 'of the local address, IPv4'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l bind_port -x -d 'what bind() with "..." means (8080 unless given)'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l connect_port -x -d 'what connect() with "..." means (8080 unless given)'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l mtu -x -d 'MTU of tun0 (1500 unless given)'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l mss -x -d 'taken: scripts have mss options'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l speed -x -d 'taken: tun0 has no speed'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l tolerance_usecs -x -d 'how far from its time something may happen (4000 unless given)'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l tolerance_percent -x -d 'the same as a share of the time since the event before (12.5 unless given)'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l tcp_ts_tick_usecs -x -d 'one tick of outbound timestamps, which are checked then'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l tcp_ts_ecr_scaled -d 'inbound echoes of timestamps that were never sent are reckoned from the first'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l strict_segments -d 'a packet of the script is one of the stack, not several that make it up'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l non_fatal -x -d 'only warn of what is wrong with these, parted by commas: packet, syscall'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l init_scripts -x -d 'commands to run first, parted by commas'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l code_command -x -d 'taken: code is run by the runner itself'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l code_format -x -d 'taken: python'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l code_sockopt -x -d 'taken: code knows TCP_INFO, TCP_CC_INFO and SO_MEMINFO'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l is_anyip -d 'UDP and ICMP may come in before anything went out'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l send_omit_free -d 'taken: connections end with the stack of the script'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l dry_run -d 'only read the scripts'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -l debug -d 'as --verbose'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -s v -l verbose -d 'show all packets'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -s D -l define -x -d 'NAME=VALUE: what a word of the scripts stands for (repeatable)'
complete -c tapstack -n '__fish_seen_subcommand_from packetdrill' -s h -l help -d 'display help for command'
complete -c tapstack -n 'not __fish_seen_subcommand_from run shell up down status list doctor nic mroute ra packetdrill exec' -a exec -d 'run a program in a running instance'
complete -c tapstack -n '__fish_seen_subcommand_from exec' -l name -x -a '(__tapstack_instances)' -d 'the instance (else TAPSTACK_INSTANCE, else "default")'
complete -c tapstack -n '__fish_seen_subcommand_from exec' -s n -l netns -x -a '(__tapstack_namespaces)' -d 'a namespace of the instance'
complete -c tapstack -n '__fish_seen_subcommand_from exec' -l no-capture -d 'programs keep the host'\''s sockets: only our own commands see the stack'
complete -c tapstack -n '__fish_seen_subcommand_from exec' -s h -l help -d 'display help for command'
complete -c tapstack -n '__fish_seen_subcommand_from exec' -x -a '(__fish_complete_subcommand)'
