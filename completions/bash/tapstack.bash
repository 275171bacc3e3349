# Generated from the grammar tables by scripts/reference.mjs; do not edit.
declare -gA _tapstack_ip_verbs=(
  ['address']='add change replace delete show list flush save showdump restore help'
  ['addrlabel']='list show add delete flush help'
  ['maddress']='add delete show list help'
  ['route']='list show get add change replace prepend append test delete flush save restore showdump help'
  ['rule']='list show save restore add delete flush help'
  ['neighbour']='add change replace delete get show list flush help'
  ['ntable']='change show list help'
  ['link']='add set change replace delete show list xstats afstats property help'
  ['tunnel']='add change delete show list lst prl 6rd help'
  ['tuntap']='add delete show list lst help'
  ['token']='list show lst set add get delete help'
  ['tcp_metrics']='show list delete flush help'
  ['monitor']='help'
  ['mroute']='list show help'
  ['mrule']='list show save restore add delete flush help'
  ['netns']='list show list-id add set delete identify pids exec monitor attach help'
  ['netconf']='show list help'
  ['vrf']='identify pids exec show list help'
  ['nexthop']='add replace delete list show get flush bucket help'
  ['stats']='set show help'
)
declare -gA _tapstack_ip_words=(
  ['address add']='peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local'
  ['address change']='peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local'
  ['address replace']='peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local'
  ['address delete']='peer broadcast anycast scope dev label metric valid_lft preferred_lft nodad optimistic home mngtmpaddr noprefixroute autojoin local'
  ['address show']='@device to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev'
  ['address list']='@device to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev'
  ['address flush']='@device to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev'
  ['address save']='to scope up dynamic primary secondary temporary nodad optimistic dadfailed home deprecated tentative permanent mngtmpaddr noprefixroute autojoin stable-privacy label group master vrf nomaster type dev'
  ['address showdump']=''
  ['address restore']=''
  ['addrlabel list']=''
  ['addrlabel show']=''
  ['addrlabel add']='prefix dev label'
  ['addrlabel delete']='prefix dev label'
  ['addrlabel flush']=''
  ['maddress add']='dev'
  ['maddress delete']='dev'
  ['maddress show']='@device'
  ['maddress list']='@device'
  ['route list']='table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to'
  ['route show']='table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to'
  ['route get']='tos dsfield from iif mark oif notify connected vrf uid fibmatch sport dport ipproto as to'
  ['route add']='src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to'
  ['route change']='src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to'
  ['route replace']='src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to'
  ['route prepend']='src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to'
  ['route append']='src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to'
  ['route test']='src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to'
  ['route delete']='src as via from tos dsfield expires metric preference scope mtu hoplimit advmss reordering rtt rto_min window cwnd initcwnd initrwnd features quickack congctl rttvar ssthresh realms onlink nexthop nhid protocol table vrf dev pref encap ttl-propagate fastopen_no_cookie to'
  ['route flush']='table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to'
  ['route save']='table cached tos dsfield protocol scope type vrf dev iif mark metric via src realms from to'
  ['route restore']=''
  ['route showdump']=''
  ['rule list']='preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to'
  ['rule show']='preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to'
  ['rule save']=''
  ['rule restore']=''
  ['rule add']='not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type'
  ['rule delete']='not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type'
  ['rule flush']='preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to'
  ['neighbour add']='lladdr nud proxy router use managed extern_learn dev protocol to'
  ['neighbour change']='lladdr nud proxy router use managed extern_learn dev protocol to'
  ['neighbour replace']='lladdr nud proxy router use managed extern_learn dev protocol to'
  ['neighbour delete']='lladdr nud proxy router use managed extern_learn dev protocol to'
  ['neighbour get']='dev proxy to'
  ['neighbour show']='dev master vrf nomaster unused nud proxy protocol to'
  ['neighbour list']='dev master vrf nomaster unused nud proxy protocol to'
  ['neighbour flush']='dev master vrf nomaster unused nud proxy protocol to'
  ['ntable change']='name dev thresh1 thresh2 thresh3 gc_int base_reachable retrans gc_stale delay_probe queue app_probes ucast_probes mcast_probes anycast_delay proxy_delay proxy_queue locktime'
  ['ntable show']='name dev'
  ['ntable list']='name dev'
  ['link add']='up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type'
  ['link set']='@device dev up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type'
  ['link change']='@device dev up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type'
  ['link replace']='up down name index link address broadcast txqueuelen mtu netns multicast allmulticast promisc trailers arp carrier vf xdp xdpgeneric xdpdrv xdpoffload master vrf nomaster dynamic alias group mode state numtxqueues numrxqueues addrgenmode link-netns link-netnsid protodown protodown_reason gso_max_size gso_max_segs gro_max_size parentdev type'
  ['link delete']='@device dev group type'
  ['link show']='@device up group master vrf nomaster type dev'
  ['link list']='@device up group master vrf nomaster type dev'
  ['link xstats']='type dev'
  ['link afstats']='dev'
  ['link property']='add del altname dev'
  ['link help']='bond bond_slave bridge bridge_slave dummy ifb nlmon gre gretap erspan ipip sit tun vxlan veth vlan ipvlan ipvtap macvlan macvtap vrf vrf_slave'
  ['tunnel add']='mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos'
  ['tunnel change']='@device mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos'
  ['tunnel delete']='@device mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos'
  ['tunnel show']='@device mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos'
  ['tunnel list']='@device mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos'
  ['tunnel lst']='@device mode key ikey okey seq iseq oseq csum icsum ocsum nopmtudisc pmtudisc remote local dev ttl tos'
  ['tunnel prl']='dev prl-default prl-nodefault prl-delete'
  ['tunnel 6rd']='dev 6rd-prefix 6rd-relay_prefix 6rd-reset'
  ['tuntap add']='mode user group pi one_queue vnet_hdr multi_queue dev name'
  ['tuntap delete']='mode user group pi one_queue vnet_hdr multi_queue dev name'
  ['tuntap show']='mode user group pi one_queue vnet_hdr multi_queue dev name'
  ['tuntap list']='mode user group pi one_queue vnet_hdr multi_queue dev name'
  ['tuntap lst']='mode user group pi one_queue vnet_hdr multi_queue dev name'
  ['token list']='dev'
  ['token show']='dev'
  ['token lst']='dev'
  ['token set']='dev'
  ['token add']='dev'
  ['token get']='dev'
  ['token delete']='dev'
  ['tcp_metrics show']='src address'
  ['tcp_metrics list']='src address'
  ['tcp_metrics delete']='src address'
  ['tcp_metrics flush']='src address'
  ['monitor']='file label link address route mroute prefix neigh netconf rule nsid nexthop stats all all-nsid dev'
  ['mroute list']='table iif from to'
  ['mroute show']='table iif from to'
  ['mrule list']='preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to'
  ['mrule show']='preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to'
  ['mrule save']=''
  ['mrule restore']=''
  ['mrule add']='not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type'
  ['mrule delete']='not from to preference tos dsfield fwmark realms protocol tun_id table lookup suppress_prefixlength suppress_ifgroup iif oif l3mdev uidrange nat ipproto sport dport type'
  ['mrule flush']='preference not tos fwmark iif oif l3mdev uidrange tun_id table from ipproto sport dport protocol to'
  ['netns list']=''
  ['netns show']=''
  ['netns list-id']='target-nsid nsid'
  ['netns add']=''
  ['netns set']='@namespace'
  ['netns delete']='@namespace'
  ['netns identify']=''
  ['netns pids']='@namespace'
  ['netns exec']='@namespace'
  ['netns monitor']=''
  ['netns attach']=''
  ['netconf show']='dev'
  ['netconf list']='dev'
  ['vrf identify']=''
  ['vrf pids']='@device'
  ['vrf exec']='@device'
  ['vrf show']='@device'
  ['vrf list']='@device'
  ['nexthop add']='id dev via encap blackhole fdb onlink group type protocol'
  ['nexthop replace']='id dev via encap blackhole fdb onlink group type protocol'
  ['nexthop delete']='id'
  ['nexthop list']='dev groups master vrf id protocol fdb'
  ['nexthop show']='dev groups master vrf id protocol fdb'
  ['nexthop get']='id'
  ['nexthop flush']='dev groups master vrf id protocol fdb'
  ['nexthop bucket']='list get dev master vrf id nhid index'
  ['stats set']='dev l3_stats'
  ['stats show']='dev group subgroup suite'
)
declare -gA _tapstack_ip_values=(
  ['address broadcast']='+ -'
  ['address scope']='host link global all'
  ['address dev']='@device'
  ['address valid_lft']='forever'
  ['address preferred_lft']='forever'
  ['address master']='@device'
  ['address vrf']='@device'
  ['addrlabel dev']='@device'
  ['maddress dev']='@device'
  ['route table']='main local default all'
  ['route protocol']='kernel boot static all'
  ['route scope']='host link global all'
  ['route type']='unicast local broadcast anycast multicast blackhole unreachable prohibit throw nat'
  ['route vrf']='@device'
  ['route dev']='@device'
  ['route iif']='@device'
  ['route oif']='@device'
  ['route ipproto']='icmp tcp udp ipv6-icmp'
  ['route features']='ecn'
  ['route pref']='low medium high'
  ['route encap']='ip ip6'
  ['route ttl-propagate']='enabled disabled'
  ['route to']='unicast local broadcast anycast multicast blackhole unreachable prohibit throw nat'
  ['rule iif']='@device'
  ['rule oif']='@device'
  ['rule table']='main local default'
  ['rule protocol']='kernel boot static'
  ['rule lookup']='main local default'
  ['neighbour nud']='permanent reachable noarp none stale incomplete delay probe failed all'
  ['neighbour dev']='@device'
  ['neighbour master']='@device'
  ['neighbour vrf']='@device'
  ['ntable name']='arp_cache ndisc_cache'
  ['ntable dev']='@device'
  ['link link']='@device'
  ['link netns']='@namespace'
  ['link multicast']='on off'
  ['link allmulticast']='on off'
  ['link promisc']='on off'
  ['link trailers']='on off'
  ['link arp']='on off'
  ['link carrier']='on off'
  ['link master']='@device'
  ['link vrf']='@device'
  ['link dynamic']='on off'
  ['link mode']='default dormant'
  ['link state']='unknown notpresent down lowerlayerdown testing dormant up'
  ['link addrgenmode']='eui64 none stable_secret random'
  ['link link-netns']='@namespace'
  ['link protodown']='on off'
  ['link type']='bond bond_slave bridge bridge_slave dummy ifb nlmon gre gretap erspan ipip sit tun vxlan veth vlan ipvlan ipvtap macvlan macvtap vrf vrf_slave'
  ['link dev']='@device'
  ['tunnel mode']='gre ipip sit isatap'
  ['tunnel dev']='@device'
  ['tunnel ttl']='inherit'
  ['tunnel tos']='inherit'
  ['tuntap mode']='tun tap'
  ['token dev']='@device'
  ['monitor dev']='@device'
  ['mroute table']='default main all'
  ['mroute iif']='@device'
  ['mrule iif']='@device'
  ['mrule oif']='@device'
  ['mrule table']='main local default'
  ['mrule protocol']='kernel boot static'
  ['mrule lookup']='main local default'
  ['netconf dev']='@device'
  ['nexthop dev']='@device'
  ['nexthop encap']='ip ip6'
  ['nexthop master']='@device'
  ['nexthop vrf']='@device'
  ['stats dev']='@device'
  ['stats l3_stats']='on off'
  ['stats group']='link xstats xstats_slave offload afstats'
  ['stats subgroup']='bridge bond cpu_hit hw_stats_info l3_stats mpls'
  ['stats suite']='stp mcast 802.3ad'
)

_tapstack_expand() {
  local word
  for word in $1; do
    case $word in
      @device) ip -o link show 2>/dev/null | sed -E 's/^[0-9]+: ([^:@]+).*/\1/' ;;
      @namespace) ip netns list 2>/dev/null | sed 's/ .*//' ;;
      @instance) tapstack list --json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",*$/\1/p' ;;
      *) echo "$word" ;;
    esac
  done
}

_tapstack_ip() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} object= verb= i word list
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -z $object ]]; then
      case $word in
        -loops|-family|-batch|-rcvbuf|-netns|-n|-b|-f|-rc|-l) ((i++)); continue ;;
        -*) continue ;;
      esac
      for object in address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats; do [[ $object == "$word"* ]] && break; object=; done
      [[ -z $object ]] && return
    elif [[ -z $verb ]]; then
      for verb in ${_tapstack_ip_verbs[$object]}; do [[ $verb == "$word"* ]] && break; verb=; done
    fi
  done
  if [[ -z $object ]]; then
    case $prev in
      -n|-netns) list=@namespace ;;
      -f|-family) list='inet inet6 link mpls bridge' ;;
      -b|-batch) COMPREPLY=($(compgen -f -- "$cur")); return ;;
      *) list='address addrlabel maddress route rule neighbour ntable link tunnel tuntap token tcp_metrics monitor mroute mrule netns netconf vrf nexthop stats help -loops -family -4 -6 -0 -M -B -human -human-readable -iec -stats -statistics -details -resolve -oneline -timestamp -tshort -Version -force -batch -brief -json -pretty -rcvbuf -color -help -netns -Numeric -all' ;;
    esac
  elif [[ -n ${_tapstack_ip_values["$object $prev"]} ]]; then
    list=${_tapstack_ip_values["$object $prev"]}
  elif [[ -n $verb ]]; then
    list=${_tapstack_ip_words["$object $verb"]}
  else
    list="${_tapstack_ip_verbs[$object]} ${_tapstack_ip_words[$object]}"
  fi
  COMPREPLY=($(compgen -W "$(_tapstack_expand "$list")" -- "$cur"))
}
complete -F _tapstack_ip ip

declare -gA _tapstack_tapstack_words=(
  ['tapstack']='-V --version -h --help run shell up down status list doctor nic mroute ra packetdrill exec'
  ['tapstack run']='--nic --root --no-capture -h --help'
  ['tapstack shell']='--nic --root --no-capture -h --help'
  ['tapstack up']='--nic --name -h --help'
  ['tapstack down']='--name -h --help'
  ['tapstack status']='--name --json --unsupported -h --help'
  ['tapstack list']='--json -h --help'
  ['tapstack doctor']='--json -h --help'
  ['tapstack nic']='list add del'
  ['tapstack nic list']='--name --json -h --help'
  ['tapstack nic add']='--name -h --help'
  ['tapstack nic del']='--name -h --help'
  ['tapstack mroute']='--table -h --help'
  ['tapstack ra']='--interval --lifetime --preference --hop-limit --mtu --valid --preferred --no-autoconf --route --managed --other -h --help'
  ['tapstack packetdrill']='--ip_version --local_ip --remote_ip --gateway_ip --netmask_ip --bind_port --connect_port --mtu --mss --speed --tolerance_usecs --tolerance_percent --tcp_ts_tick_usecs --tcp_ts_ecr_scaled --strict_segments --non_fatal --init_scripts --code_command --code_format --code_sockopt --is_anyip --send_omit_free --dry_run --debug -v --verbose -D --define -h --help'
  ['tapstack exec']='--name -n --netns --no-capture -h --help'
)

_tapstack_tapstack() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} row=tapstack i word
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      --nic|--name|--table|--interval|--lifetime|--preference|--hop-limit|--mtu|--valid|--preferred|--route|--ip_version|--local_ip|--remote_ip|--gateway_ip|--netmask_ip|--bind_port|--connect_port|--mss|--speed|--tolerance_usecs|--tolerance_percent|--tcp_ts_tick_usecs|--non_fatal|--init_scripts|--code_command|--code_format|--code_sockopt|-D|--define|-n|--netns) ((i++)); continue ;;
      --) ((i++)) ;;
      -*) continue ;;
    esac
    case $row in 'tapstack run'|'tapstack exec') break ;; esac
    word="$row $word"
    [[ -v _tapstack_tapstack_words["$word"] ]] && row=$word
  done
  if ((i < COMP_CWORD)) || [[ $prev == -- ]]; then
    COMPREPLY=($(compgen -c -f -- "$cur"))
    return
  fi
  case $prev in
    --name) COMPREPLY=($(compgen -W "$(_tapstack_expand '@instance')" -- "$cur")) ;;
    -n|--netns) COMPREPLY=($(compgen -W "$(_tapstack_expand '@namespace')" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "${_tapstack_tapstack_words["$row"]}" -- "$cur")) ;;
  esac
}
complete -F _tapstack_tapstack tapstack

complete -W '-help -Version -stats -statistics -details -oneline -timestamp -netns -json -pretty -force -batch -compressvlans' -o default bridge

complete -W '-h --help -v --version -V -f --file -D --define -i --interactive -I --includepath -c --check -o --optimize -a --handle -s --stateless -t --terse -S --service -N --reversedns -u --guid -n --numeric -y --numeric-priority -p --numeric-protocol -T --numeric-time -e --echo -j --json -d --debug' -o default nft

complete -W '-L --dump -G --get -D --delete -I --create -A --add -U --update -E --event -F --flush -C --count -S --stats -V --version -h --help -s --src --orig-src -d --dst --orig-dst -r --reply-src -q --reply-dst -n --src-nat -g --dst-nat -j --any-nat -p --protonum -f --family -t --timeout -u --status -m --mark -c --secmark -w --zone --orig-zone --reply-zone -e --event-mask -z --zero -o --output -l --label --label-add --label-del -b --buffer-size --sport --orig-port-src --dport --orig-port-dst --reply-port-src --reply-port-dst --icmp-type --icmp-code --icmp-id --state --srckey --orig-key-src --dstkey --orig-key-dst --reply-key-src --reply-key-dst --orig-vtag --reply-vtag --role --mask-src --mask-dst' -o default conntrack

complete -W '-A --add-service -E --edit-service -D --delete-service -C --clear -R --restore -S --save -a --add-server -e --edit-server -d --delete-server -L -l --list -Z --zero --set --start-daemon --stop-daemon -h --help -v --version -t --tcp-service -u --udp-service --sctp-service -f --fwmark-service -6 --ipv6 -s --scheduler -b --sched-flags -p --persistent -M --netmask --pe -o --ops -r --real-server -g --gatewaying -i --ipip -m --masquerading --tun-type --tun-port --tun-nocsum --tun-csum --tun-remcsum -w --weight -x --u-threshold -y --l-threshold -c --connection --timeout --daemon --stats --rate -X --exact --thresholds --persistent-conn --tun-info --nosort --sort -n --numeric --syncid --sync-maxlen --mcast-interface --mcast-group --mcast-port --mcast-ttl' -o default ipvsadm

complete -W '-n' -o default ipvsadm-save

complete -W '-a --all -r --remove --first-time -R --resolve-alias -D --show-depends -c --showconfig --show-config -n --dry-run --show -v --verbose -q --quiet -d --dirname -S --set-version -V --version -h --help -f --force --force-modversion --force-vermagic -b --use-blacklist -i --ignore-install --ignore-remove -s --syslog -w --wait -C --config --remove-holders --remove-dependencies' -o default modprobe

complete -W '-a --author -d --description -l --license -p --parameters -n --filename -0 --null -m --modname -F --field -k --set-version -b --basedir -V --version -h --help' -o default modinfo

complete -W '--debug --json -I --include-statistics -s --change -a --show-pause -A --pause -c --show-coalesce -C --coalesce -g --show-ring -G --set-ring -k --show-features --show-offload -K --features --offload -i --driver -d --register-dump -e --eeprom-dump -E --change-eeprom -r --negotiate -p --identify -t --test -S --statistics --phy-statistics -n -u --show-nfc --show-ntuple -N -U --config-nfc --config-ntuple -T --show-time-stamping -x --show-rxfh-indir --show-rxfh -X --set-rxfh-indir --rxfh -f --flash -P --show-permaddr -w --get-dump -W --set-dump -l --show-channels -L --set-channels --show-priv-flags --set-priv-flags -m --dump-module-eeprom --module-info --show-eee --set-eee --set-phy-tunable --get-phy-tunable --get-tunable --set-tunable --reset --show-fec --set-fec -Q --per-queue --cable-test --cable-test-tdr --show-tunnels --show-module --set-module --monitor -h --help --version' -o default ethtool

complete -W '-family -4 -6 -0 -Version' -o default rtmon

complete -W '-a --all -A -X --deprecated --dry-run -b --binary -e --ignore -N --names -n --values -p --load -f --system -r --pattern -q --quiet -w --write -d -h --help -V --version' -o default sysctl

complete -W '-a -A -B -c -C -D -d -e -f -h -I -i -L -l -m -M -n -O -p -q -Q -s -S -t -U -v -V -w -W -r -4 -b -R -T -6 -F -N' -o default ping

complete -W '-h --help -V --version -H --no-header -O --oneline -n --numeric -r --resolve -a --all -l --listening -o --options -e --extended -m --memory -p --processes -T --threads -i --info --tipcinfo --tos --cgroup --inet-sockopt -K --kill -s --summary -E --events -Z --context -z --contexts -N --net -b --bpf -4 --ipv4 -6 --ipv6 -0 --packet -t --tcp -u --udp -d --dccp -w --raw -x --unix -S --sctp -M --mptcp --tipc --vsock --xdp -f --family -A --query --socket -D --diag -F --filter' -o default ss

complete -W '-r --route -i --interfaces -g --groups -s --statistics -M --masquerade -Z --context -v --verbose -W --wide -n --numeric --numeric-hosts --numeric-ports --numeric-users -N --symbolic -e --extend -p --programs -o --timers -c --continuous -l --listening -a --all -F --fib -C --cache -t --tcp -u --udp -U --udplite -S --sctp -w --raw -x --unix -4 --inet -6 --inet6 -A --protocol --x25 --ax25 --ipx --netrom -V --version -h --help' -o default netstat

complete -W '-h --help -a --ignore -d --scan -j --json -n --nooutput -p --pretty -r --reset -s --noupdate -t --interval -V --version -z --zeros' -o default nstat

complete -W '-a -A -b -B --buffer-size -c --count -C -d -D --list-interfaces -e -E -f -F -G -h --help -H -i --interface -I --monitor-mode -j --time-stamp-type -J --list-time-stamp-types --micro --nano --time-stamp-precision -K --dont-verify-checksums -l -L --list-data-link-types -m -M -n -N -# --number -O --no-optimize -p --no-promiscuous-mode --print -q -Q --direction -r -s --snapshot-length -S --absolute-tcp-sequence-numbers -t -T -u -U --packet-buffered -v --version -V -w -W -x -X -y --linktype -Y --debug-filter-parser -z -Z --relinquish-privileges --immediate-mode' -o default tcpdump-lite
