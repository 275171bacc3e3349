// What Debian 12's kernel has of the network as modules: by folder below kernel/, by what they need, by size in memory.

// biome-ignore format: a table
export const moduleFolders: Readonly<Record<string, string>> = {
  'drivers/net/bonding': 'bonding',
  'drivers/net':
    'dummy geneve gtp ifb macsec macvlan macvtap mdio mii net_failover netconsole nlmon tap tun veth virtio_net vrf ' +
    'vsockmon',
  'drivers/net/ethernet/intel/e1000': 'e1000',
  'drivers/net/ipvlan': 'ipvlan ipvtap',
  'drivers/net/team': 'team team_mode_activebackup team_mode_broadcast team_mode_loadbalance team_mode_random team_mode_roundrobin',
  'drivers/net/vxlan': 'vxlan',
  'drivers/net/wireguard': 'wireguard',
  'net/802': 'garp mrp p8022 psnap stp',
  'net/8021q': '8021q',
  'net/bridge': 'br_netfilter bridge',
  'net/bridge/netfilter':
    'ebt_802_3 ebt_among ebt_arp ebt_arpreply ebt_dnat ebt_ip ebt_ip6 ebt_limit ebt_log ebt_mark ebt_mark_m ebt_nflog ' +
    'ebt_pkttype ebt_redirect ebt_snat ebt_stp ebt_vlan ebtable_broute ebtable_filter ebtable_nat ebtables ' +
    'nf_conntrack_bridge nft_meta_bridge nft_reject_bridge',
  'net/core': 'drop_monitor failover pktgen selftests',
  'net/ipv4':
    'ah4 esp4 esp4_offload fou gre inet_diag ip_gre ip_tunnel ip_vti ipcomp ipip raw_diag tcp_bbr tcp_bic tcp_cdg tcp_dctcp ' +
    'tcp_diag tcp_highspeed tcp_htcp tcp_hybla tcp_illinois tcp_lp tcp_nv tcp_scalable tcp_vegas tcp_veno tcp_westwood ' +
    'tcp_yeah tunnel4 udp_diag udp_tunnel xfrm4_tunnel',
  'net/ipv4/netfilter':
    'arp_tables arpt_mangle arptable_filter ip_tables ipt_CLUSTERIP ipt_ECN ipt_REJECT ipt_SYNPROXY ipt_ah ipt_rpfilter ' +
    'iptable_filter iptable_mangle iptable_nat iptable_raw iptable_security nf_defrag_ipv4 nf_dup_ipv4 nf_nat_h323 ' +
    'nf_nat_pptp nf_nat_snmp_basic nf_reject_ipv4 nf_socket_ipv4 nf_tproxy_ipv4 nft_dup_ipv4 nft_fib_ipv4 nft_reject_ipv4',
  'net/ipv6': 'ah6 esp6 esp6_offload fou6 ip6_gre ip6_tunnel ip6_udp_tunnel ip6_vti ipcomp6 sit tunnel6 xfrm6_tunnel',
  'net/ipv6/ila': 'ila',
  'net/ipv6/netfilter':
    'ip6_tables ip6t_NPT ip6t_REJECT ip6t_SYNPROXY ip6t_ah ip6t_eui64 ip6t_frag ip6t_hbh ip6t_ipv6header ip6t_mh ' +
    'ip6t_rpfilter ip6t_rt ip6t_srh ip6table_filter ip6table_mangle ip6table_nat ip6table_raw ip6table_security ' +
    'nf_defrag_ipv6 nf_dup_ipv6 nf_reject_ipv6 nf_socket_ipv6 nf_tproxy_ipv6 nft_dup_ipv6 nft_fib_ipv6 nft_reject_ipv6',
  'net/key': 'af_key',
  'net/l2tp': 'l2tp_core l2tp_debugfs l2tp_eth l2tp_ip l2tp_ip6 l2tp_netlink l2tp_ppp',
  'net/llc': 'llc llc2',
  'net/mpls': 'mpls_iptunnel mpls_router',
  'net/mptcp': 'mptcp_diag',
  'net/netfilter/ipset':
    'ip_set ip_set_bitmap_ip ip_set_bitmap_ipmac ip_set_bitmap_port ip_set_hash_ip ip_set_hash_ipmac ip_set_hash_ipmark ' +
    'ip_set_hash_ipport ip_set_hash_ipportip ip_set_hash_ipportnet ip_set_hash_mac ip_set_hash_net ip_set_hash_netiface ' +
    'ip_set_hash_netnet ip_set_hash_netport ip_set_hash_netportnet ip_set_list_set',
  'net/netfilter/ipvs':
    'ip_vs ip_vs_dh ip_vs_fo ip_vs_ftp ip_vs_lblc ip_vs_lblcr ip_vs_lc ip_vs_mh ip_vs_nq ip_vs_ovf ip_vs_pe_sip ip_vs_rr ' +
    'ip_vs_sed ip_vs_sh ip_vs_twos ip_vs_wlc ip_vs_wrr',
  'net/netfilter':
    'nf_conncount nf_conntrack nf_conntrack_amanda nf_conntrack_broadcast nf_conntrack_ftp nf_conntrack_h323 ' +
    'nf_conntrack_irc nf_conntrack_netbios_ns nf_conntrack_netlink nf_conntrack_pptp nf_conntrack_sane nf_conntrack_sip ' +
    'nf_conntrack_snmp nf_conntrack_tftp nf_dup_netdev nf_flow_table nf_flow_table_inet nf_log_syslog nf_nat nf_nat_amanda ' +
    'nf_nat_ftp nf_nat_irc nf_nat_sip nf_nat_tftp nf_synproxy_core nf_tables nfnetlink nfnetlink_acct nfnetlink_cthelper ' +
    'nfnetlink_cttimeout nfnetlink_log nfnetlink_osf nfnetlink_queue nft_chain_nat nft_compat nft_connlimit nft_ct ' +
    'nft_dup_netdev nft_fib nft_fib_inet nft_fib_netdev nft_flow_offload nft_fwd_netdev nft_hash nft_limit nft_log nft_masq ' +
    'nft_nat nft_numgen nft_objref nft_osf nft_queue nft_quota nft_redir nft_reject nft_reject_inet nft_socket nft_synproxy ' +
    'nft_tproxy nft_tunnel nft_xfrm x_tables xt_AUDIT xt_CHECKSUM xt_CLASSIFY xt_CONNSECMARK xt_CT xt_DSCP xt_HL xt_HMARK ' +
    'xt_IDLETIMER xt_LED xt_LOG xt_MASQUERADE xt_NETMAP xt_NFLOG xt_NFQUEUE xt_RATEEST xt_REDIRECT xt_SECMARK xt_TCPMSS ' +
    'xt_TCPOPTSTRIP xt_TEE xt_TPROXY xt_TRACE xt_addrtype xt_bpf xt_cgroup xt_cluster xt_comment xt_connbytes xt_connlabel ' +
    'xt_connlimit xt_connmark xt_conntrack xt_cpu xt_dccp xt_devgroup xt_dscp xt_ecn xt_esp xt_hashlimit xt_helper xt_hl ' +
    'xt_ipcomp xt_iprange xt_ipvs xt_l2tp xt_length xt_limit xt_mac xt_mark xt_multiport xt_nat xt_nfacct xt_osf xt_owner ' +
    'xt_physdev xt_pkttype xt_policy xt_quota xt_rateest xt_realm xt_recent xt_sctp xt_set xt_socket xt_state xt_statistic ' +
    'xt_string xt_tcpmss xt_tcpudp xt_time xt_u32',
  'net/netlink': 'netlink_diag',
  'net/openvswitch': 'openvswitch vport-geneve vport-gre vport-vxlan',
  'net/packet': 'af_packet_diag',
  'net/sched':
    'act_bpf act_connmark act_csum act_ct act_ctinfo act_gact act_gate act_ife act_ipt act_meta_mark act_meta_skbprio ' +
    'act_meta_skbtcindex act_mirred act_mpls act_nat act_pedit act_police act_sample act_simple act_skbedit act_skbmod ' +
    'act_tunnel_key act_vlan cls_basic cls_bpf cls_cgroup cls_flow cls_flower cls_fw cls_matchall cls_route cls_u32 ' +
    'em_canid em_cmp em_ipset em_ipt em_meta em_nbyte em_text em_u32 sch_cake sch_cbs sch_choke sch_codel sch_drr sch_etf ' +
    'sch_ets sch_fq sch_fq_pie sch_gred sch_hfsc sch_hhf sch_htb sch_ingress sch_mqprio sch_multiq sch_netem sch_pie ' +
    'sch_plug sch_prio sch_qfq sch_red sch_sfb sch_sfq sch_skbprio sch_taprio sch_tbf sch_teql',
  'net/sctp': 'sctp sctp_diag',
  'net/tls': 'tls',
  'net/unix': 'unix_diag',
  'net/xfrm': 'xfrm_algo xfrm_interface xfrm_ipcomp xfrm_user',
  lib: 'libcrc32c',
};

/** Modules that others need; those of a family by the start of their names. */
export const moduleNeeds: readonly (readonly [name: RegExp, needs: string])[] = [
  [/^ip_vs$/, 'nf_conntrack libcrc32c nf_defrag_ipv6'],
  [/^ip_vs_ftp$/, 'ip_vs nf_nat'],
  [/^ip_vs_pe_sip$/, 'ip_vs nf_conntrack_sip'],
  [/^ip_vs_/, 'ip_vs'],
  [/^nf_conntrack$/, 'nf_defrag_ipv4 nf_defrag_ipv6 libcrc32c'],
  [/^nf_conntrack_/, 'nf_conntrack'],
  [/^nf_nat$/, 'nf_conntrack libcrc32c'],
  [/^nf_nat_/, 'nf_nat nf_conntrack'],
  [/^(xt_MASQUERADE|xt_nat|iptable_nat|ip6table_nat)$/, 'nf_nat x_tables'],
  [/^(xt_state|xt_conntrack|xt_connmark|xt_CT|xt_helper|xt_connlimit)$/, 'x_tables nf_conntrack'],
  [/^(xt_|ebtables$|ip_tables$|ip6_tables$|arp_tables$)/, 'x_tables'],
  [/^iptable_/, 'ip_tables x_tables'],
  [/^ip6table_/, 'ip6_tables x_tables'],
  [/^arptable_/, 'arp_tables x_tables'],
  [/^(ebt_|ebtable_)/, 'ebtables x_tables'],
  [/^nft_(masq|nat|redir|ct|fullcone)/, 'nf_tables nf_nat nf_conntrack'],
  [/^nft_/, 'nf_tables'],
  [/^nf_tables$/, 'libcrc32c'],
  [/^(ip_set|ip_set_.*)$/, 'ip_set'],
  [/^8021q$/, 'mrp garp'],
  [/^garp$/, 'stp'],
  [/^stp$/, 'llc'],
  [/^bridge$/, 'stp llc'],
  [/^br_netfilter$/, 'bridge'],
  [/^bonding$/, 'tls'],
  [/^(vxlan|geneve|wireguard|fou)$/, 'ip6_udp_tunnel udp_tunnel'],
  [/^ip_gre$/, 'ip_tunnel gre'],
  [/^ip6_gre$/, 'gre ip6_tunnel'],
  [/^(ipip|sit)$/, 'ip_tunnel tunnel4'],
  [/^ip6_tunnel$/, 'tunnel6'],
  [/^macvtap$/, 'macvlan tap'],
  [/^ipvtap$/, 'ipvlan tap'],
  [/^team_mode_/, 'team'],
  [/^sctp$/, 'udp_tunnel ip6_udp_tunnel libcrc32c'],
  [/^openvswitch$/, 'nf_conntrack nf_nat nf_defrag_ipv6 nf_conncount libcrc32c'],
];

// biome-ignore format: a table
export const moduleSizes: Readonly<Record<string, number>> = {
  ip_vs: 188_416, nf_conntrack: 188_416, nf_defrag_ipv6: 24_576, tcp_bbr: 20_480, sch_netem: 24_576, veth: 36_864, macvlan: 28_672, fou: 28_672,
  ip6_tunnel: 45_056, sit: 36_864, ip_gre: 32_768, ip_tunnel: 36_864, wireguard: 98_304, xt_MASQUERADE: 20_480, nf_nat: 57_344, ip_tables: 36_864,
  x_tables: 61_440, nf_conntrack_ftp: 24_576, vxlan: 106_496, ip6_udp_tunnel: 20_480, udp_tunnel: 28_672, tun: 61_440, br_netfilter: 36_864,
  bridge: 319_488, bonding: 229_376, tls: 135_168, '8021q': 40_960, mrp: 20_480,
};

/** Part of the kernel itself: to load them is no error and does nothing. */
export const builtInModules: ReadonlySet<string> = new Set(['ipv6', 'unix', 'tcp_cubic', 'loopback']);

// biome-ignore format: a table
/** Other names: of protocols, kinds of links, as the kernel asks for them. */
export const moduleAliases: Readonly<Record<string, string>> = {
  ip_conntrack: 'nf_conntrack', 'nf_conntrack-2': 'nf_conntrack', 'nf_conntrack-10': 'nf_conntrack', ip_conntrack_ftp: 'nf_conntrack_ftp',
  'rtnl-link-vlan': '8021q', 'rtnl-link-bond': 'bonding', 'rtnl-link-dummy': 'dummy', 'rtnl-link-vxlan': 'vxlan', 'rtnl-link-bridge': 'bridge',
  'rtnl-link-gre': 'ip_gre', 'rtnl-link-gretap': 'ip_gre', 'rtnl-link-erspan': 'ip_gre', 'rtnl-link-ipip': 'ipip', 'rtnl-link-sit': 'sit',
  'rtnl-link-ifb': 'ifb', 'rtnl-link-nlmon': 'nlmon', 'rtnl-link-veth': 'veth', 'rtnl-link-vrf': 'vrf', 'rtnl-link-macvlan': 'macvlan',
  'rtnl-link-macvtap': 'macvtap', 'rtnl-link-ipvlan': 'ipvlan', 'rtnl-link-ipvtap': 'ipvtap',
  'net-pf-16-proto-16-family-IPVS': 'ip_vs',
  'nfct-helper-amanda': 'nf_conntrack_amanda', 'nfct-helper-ftp': 'nf_conntrack_ftp', 'nfct-helper-H.245': 'nf_conntrack_h323',
  'nfct-helper-Q.931': 'nf_conntrack_h323', 'nfct-helper-RAS': 'nf_conntrack_h323', 'nfct-helper-irc': 'nf_conntrack_irc',
  'nfct-helper-netbios-ns': 'nf_conntrack_netbios_ns', 'nfct-helper-pptp': 'nf_conntrack_pptp', 'nfct-helper-sane': 'nf_conntrack_sane',
  'nfct-helper-sip': 'nf_conntrack_sip', 'nfct-helper-snmp': 'nf_conntrack_snmp', 'nfct-helper-tftp': 'nf_conntrack_tftp',
  'nf-flowtable-1': 'nf_flow_table_inet', 'nf-flowtable-10': 'nf_flow_table_inet', 'nf-flowtable-2': 'nf_flow_table_inet',
  'nfct-helper-snmp_trap': 'nf_nat_snmp_basic', 'nft-chain-1-nat': 'nft_chain_nat', 'nft-chain-10-nat': 'nft_chain_nat',
  'nft-chain-2-nat': 'nft_chain_nat', 'nft-expr-match': 'nft_compat', 'nft-expr-target': 'nft_compat',
  'nft-expr-connlimit': 'nft_connlimit', 'nft-obj-5': 'nft_connlimit', 'nft-expr-ct': 'nft_ct', 'nft-expr-notrack': 'nft_ct',
  'nft-obj-3': 'nft_ct', 'nft-obj-7': 'nft_ct', 'nft-obj-9': 'nft_ct', 'nft-expr-2-dup': 'nft_dup_ipv4', 'nft-expr-10-dup': 'nft_dup_ipv6',
  'nft-expr-5-dup': 'nft_dup_netdev', 'nft-expr-1-fib': 'nft_fib_inet', 'nft-expr-2-fib': 'nft_fib_ipv4', 'nft-expr-10-fib': 'nft_fib_ipv6',
  'nft-expr-5-fib': 'nft_fib_netdev', 'nft-expr-flow_offload': 'nft_flow_offload', 'nft-expr-5-fwd': 'nft_fwd_netdev',
  'nft-expr-hash': 'nft_hash', 'nft-expr-limit': 'nft_limit', 'nft-obj-4': 'nft_limit', 'nft-expr-log': 'nft_log',
  'nft-expr-masq': 'nft_masq', 'nft-expr-7-meta': 'nft_meta_bridge', 'nft-expr-nat': 'nft_nat', 'nft-expr-numgen': 'nft_numgen',
  'nft-expr-objref': 'nft_objref', 'nft-expr-osf': 'nft_osf', 'nft-expr-queue': 'nft_queue', 'nft-expr-quota': 'nft_quota',
  'nft-obj-2': 'nft_quota', 'nft-expr-redir': 'nft_redir', 'nft-expr-7-reject': 'nft_reject_bridge', 'nft-expr-1-reject': 'nft_reject_inet',
  'nft-expr-2-reject': 'nft_reject_ipv4', 'nft-expr-10-reject': 'nft_reject_ipv6', 'nft-expr-socket': 'nft_socket',
  'nft-expr-synproxy': 'nft_synproxy', 'nft-obj-10': 'nft_synproxy', 'nft-expr-tproxy': 'nft_tproxy', 'nft-expr-tunnel': 'nft_tunnel',
  'nft-obj-6': 'nft_tunnel', 'nft-expr-xfrm': 'nft_xfrm',
};

/** Parameters that they take, with what `modinfo` says of them. */
export const moduleParameterTexts: Readonly<Record<string, readonly (readonly [name: string, text: string])[]>> = {
  ip_vs: [['conn_tab_bits', "Set connections' hash size (int)"]],
  ip_vs_ftp: [['ports', 'Ports to monitor for FTP control commands (array of ushort)']],
};

/** Loaded ahead of a module, if they can be (softdep). */
export const moduleSoftNeeds: Readonly<Record<string, readonly string[]>> = {
  libcrc32c: ['kernel/arch/x86/crypto/crc32c-intel.ko', 'kernel/crypto/crc32c_generic.ko'],
};
