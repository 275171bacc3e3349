/** The language of filter expressions, for tcpdump-lite(8). */
export const filterTerms = {
  paragraphs: [
    'An expression is made of primitives: an ID, a name or a number, behind words that say what it is of. TYPE (host, net, port, portrange) says what ID names, DIRECTION (src, dst, src or dst, src and dst) where it is to stand, PROTOCOL (ether, ip, ip6, arp, rarp, tcp, udp, sctp, ...) in what. What is left out is host, either direction, and all protocols that fit. An ID alone takes the words of the one before it: tcp port 80 or 443.',
    'Primitives are joined by and (&&), or (||), which bind equally strongly and from the left, and not (!), which binds most; parentheses group. No expression at all takes every packet.',
  ],
  terms: [
    ['[ DIRECTION ] host HOST', 'an address of IPv4 or IPv6, of ARP or of RARP is HOST'],
    ['gateway HOST', 'the packet went by HOST: its Ethernet address but not its IP address is there; HOST needs a name in both files'],
    ['[ DIRECTION ] net NET[/LENGTH]', 'an address is in the network; also NET mask MASK; 10.1 is 10.1.0.0/16'],
    ['[ PROTOCOL ] [ DIRECTION ] port PORT', 'a port of TCP, UDP or SCTP is PORT'],
    ['[ PROTOCOL ] [ DIRECTION ] portrange PORT-PORT', 'a port is between the two'],
    ['ether [ DIRECTION ] host ADDRESS', 'an Ethernet address is ADDRESS'],
    [
      'ether proto PROTOCOL',
      "the frame's type is the number or one of ip, ip6, arp, rarp, atalk, aarp, decnet, sca, lat, mopdl, moprc, iso, stp, ipx, netbeui; ether may be left out before most of these",
    ],
    [
      'ip proto PROTOCOL, ip6 proto PROTOCOL, proto PROTOCOL',
      'the protocol of IP is the number or name; names that are words of the language need a backslash; tcp, udp, icmp, icmp6, sctp, igmp, igrp, pim, ah, esp, vrrp and carp stand alone too',
    ],
    ['ip protochain PROTOCOL, ip6 protochain PROTOCOL', 'so is one of the chain of headers'],
    ['ether broadcast, ether multicast, ip broadcast, ip multicast, ip6 multicast', 'the destination is such an address'],
    ['less LENGTH, greater LENGTH', 'the packet is at most, at least, so long'],
    ['vlan [ ID ]', 'there is a VLAN tag, with ID; what follows in the expression is looked for behind the tag'],
    ['mpls [ LABEL ]', 'so for an MPLS label'],
    ['pppoed, pppoes [ SESSION ]', 'PPPoE discovery; PPPoE of a session, and what follows is looked for in it'],
    ['geneve [ VNI ]', 'Geneve, and what follows is looked for inside it'],
    ['inbound, outbound, ifindex INDEX', 'where a packet went or came from; for link types that know'],
    ['ifname, rnr, reason, rset, srnr, action', "for the logs of OpenBSD's pf"],
    ['wlan, type, subtype, dir, addr1 to addr4, ra, ta', 'for 802.11'],
    ['iso proto, clnp, esis, isis, l1, l2, iih, lsp, snp, csnp, psnp', 'for protocols of ISO'],
    ['lane, llc, oamf4s, oamf4e, oamf4, oam, metac, bcc, sc, ilmic, connectmsg, metaconnect, vpi, vci', 'for ATM'],
    ['sio, opc, dpc, sls, fisu, lssu, msu', 'for MTP2 and MTP3'],
    [
      'EXPRESSION RELATION EXPRESSION',
      'arithmetic over 32 bits without sign: numbers, len, + - * / % & | ^ << >> and accessors; RELATION is one of > < >= <= = == !=',
    ],
    [
      'PROTOCOL[OFFSET], PROTOCOL[OFFSET:SIZE]',
      'the 1, 2 or 4 bytes at OFFSET of a header: ether, ppp, ip, ip6, arp, rarp, tcp, udp, icmp, icmp6, ...; of IP fragments only the first has more than the header of IP',
    ],
    ['tcpflags, tcp-fin, tcp-syn, tcp-rst, tcp-push, tcp-ack, tcp-urg, tcp-ece, tcp-cwr', "the offset of TCP's flags, and the flags"],
    [
      'icmptype, icmpcode, icmp-echo, icmp-echoreply, icmp-unreach, icmp-redirect, ...',
      'offsets and types of ICMP; icmp6type, icmp6code, icmp6-echo, ... of ICMPv6',
    ],
  ],
} as const;
