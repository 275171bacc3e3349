import type { PlainReference } from '../reference.js';
import { nftOptions } from './options.js';

/** What man page and completions say of nft. */
export const nftReference: PlainReference = {
  name: 'nft',
  summary: 'show and change the packet filter',
  synopsis: [
    '[ OPTIONS ] { COMMAND ; ... | -f FILE | -i }',
    '{ add | create } { table | chain | rule | set | map | element | flowtable | counter | quota | limit | ct helper | ct timeout | ct expectation | synproxy | secmark } [ FAMILY ] TABLE ...',
    'insert rule [ FAMILY ] TABLE CHAIN [ position HANDLE | index INDEX ] STATEMENT ...',
    'replace rule [ FAMILY ] TABLE CHAIN handle HANDLE STATEMENT ...',
    'delete { table | chain | rule | set | map | element | flowtable | OBJECT } [ FAMILY ] TABLE [ NAME | handle HANDLE ]',
    'list { ruleset | table | chain | set | map | meter | flowtable | OBJECT | tables | chains | sets | maps | meters | counters | quotas | limits } ...',
    'flush { ruleset | table | chain | set | map } ...',
    'rename chain [ FAMILY ] TABLE CHAIN NEWNAME',
    'reset { counter | counters | quota | quotas } ...',
    'get element [ FAMILY ] TABLE SET { ELEMENT, ... }',
    'describe { EXPRESSION | TYPE }',
    'monitor [ new | destroy ] [ tables | chains | rules | sets | elements | ruleset | trace ] [ json ]',
  ],
  description: [
    'A table has a family (ip, which is meant when none is named, ip6, inet, arp, bridge or netdev) and holds chains of rules, sets and maps, stateful objects and flowtables. A base chain (type TYPE hook HOOK priority PRIORITY; policy POLICY;) sees packets at its hook; others are reached by jump and goto. A rule is a line of statements: matches that packets have to fit, and what is done with those that do.',
    'All commands of a call, and all of a file, take effect together or not at all. What is wrong in them is shown with its line, the place underlined.',
    'Files may hold variables (define NAME = VALUE, then $NAME; redefine, undefine), comments behind #, and other files (include "PATTERN", looked for in the folders of -I or /etc unless it begins with / or ./).',
    'With -j lists are JSON, and input that begins with { is read as such: libnftables-json(5) describes the form.',
    'Not there yet: -o is understood and reports nothing, and list hooks lists none.',
    "With TAPSTACK_TARGET=kernel the rules are those of the host's kernel, in the namespace that the caller is in.",
  ],
  options: nftOptions.map(({ letter, long, value, text }) => ({
    names: [`-${letter}`, ...(long === undefined ? [] : [`--${long}`])],
    text,
    ...(value === undefined ? {} : { value }),
  })),
  files: [
    ['/etc/services', 'names of ports'],
    ['/etc/iproute2/rt_marks', 'names of marks; rt_realms and group likewise'],
  ],
  examples: [
    ['nft add table inet filter', 'a table for both versions of IP'],
    [
      "nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'",
      'a base chain that drops what no rule accepts',
    ],
    ['nft add rule inet filter input ct state established,related accept', 'answers to what was sent'],
    ['nft -a list ruleset', 'all rules, with the handles by which they are deleted'],
    ['nft -c -f rules.nft', 'would this file be accepted?'],
    ['nft --debug=netlink add rule inet filter input tcp dport 22 accept', 'the bytecode of a rule'],
  ],
};
