/** IF_OPER_* by number. */
export const operationalStates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'] as const;
/** IF_LINK_MODE_* by number. */
export const linkModes = ['DEFAULT', 'DORMANT'] as const;
/** IN6_ADDR_GEN_MODE_* by number. */
export const addressGenerationModes: readonly string[] = ['eui64', 'none', 'stable_secret', 'random'];
/** IFLA_EVENT_* by number. */
export const linkEvents = [
  'NONE',
  'REBOOT',
  'FEATURE CHANGE',
  'BONDING FAILOVER',
  'NOTIFY PEERS',
  'RESEND IGMP',
  'BONDING OPTION',
] as const;
