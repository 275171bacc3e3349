/** Words of the language that can be no names unless quoted. */
// biome-ignore format: a table
export const reservedWords: ReadonlySet<string> = new Set([
  'accept', 'add', 'ah', 'all', 'and', 'arp', 'auto-merge', 'bridge', 'cgroup', 'chain', 'comment', 'comp', 'constant', 'continue',
  'counter', 'cpu', 'create', 'ct', 'day', 'dccp', 'define', 'delete', 'describe', 'device', 'devices', 'dnat', 'drop', 'dst', 'dup',
  'dynamic', 'ecn', 'element', 'elements', 'eq', 'esp', 'ether', 'exists', 'expires', 'exthdr', 'fib', 'flags', 'flow', 'flowtable',
  'flush', 'frag', 'fwd', 'gc-interval', 'ge', 'get', 'goto', 'gt', 'handle', 'hbh', 'hook', 'hour', 'ibriport', 'ibrname', 'icmp',
  'icmpv6', 'igmp', 'iif', 'iifgroup', 'iifname', 'iiftype', 'include', 'index', 'inet', 'insert', 'interval', 'ip', 'ip6', 'ipsec',
  'jhash', 'jump', 'le', 'limit', 'list', 'log', 'lshift', 'lt', 'map', 'mark', 'masquerade', 'meta', 'meter', 'mh', 'missing', 'monitor', 'ne',
  'netdev', 'nftrace', 'not', 'notrack', 'numgen', 'obriport', 'obrname', 'offload', 'oif', 'oifgroup', 'oifname', 'oiftype', 'or',
  'osf', 'pkttype', 'policy', 'position', 'priority', 'queue', 'quota', 'random', 'redefine', 'redirect', 'reject', 'rename',
  'replace', 'reset', 'return', 'rshift', 'rt', 'rt0', 'rt2', 'rtclassid', 'rule', 'ruleset', 'sctp', 'secmark', 'set', 'size', 'skgid', 'skuid',
  'snat', 'socket', 'srh', 'symhash', 'synproxy', 'table', 'tcp', 'th', 'time', 'timeout', 'tproxy', 'type', 'typeof', 'udp',
  'udplite', 'undefine', 'update', 'vlan', 'vmap', 'xor', 'xt',
]);

/** Words for signs, and what errors call them. */
export const operatorWords: ReadonlyMap<string, string> = new Map([
  ['eq', '=='],
  ['ne', '!='],
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
  ['not', '!'],
  ['and', '&'],
  ['or', '|'],
  ['xor', '^'],
  ['lshift', '<<'],
  ['rshift', '>>'],
]);

/** Signs as errors name them. */
const signNames: ReadonlyMap<string, string> = new Map([
  [',', 'comma'],
  [':', 'colon'],
  [';', 'semicolon'],
  ...['{', '}', '[', ']', '(', ')', '$', '='].map((sign) => [sign, `'${sign}'`] as const),
  ['|', "'|'"],
]);

export const signName = (sign: string): string => signNames.get(sign) ?? sign;
