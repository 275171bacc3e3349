import { loadGrammar } from './object.js';
import { objects } from './registry.js';

/** The `ip` command, for launchers, the command worker and in-process instances. */
export { ip as command } from './ip.js';

/** Loads all that `ip` otherwise loads when it is first wanted: under virtual time nothing may wait for a file. */
export async function preload(): Promise<void> {
  await Promise.all(objects.map(async ({ load }) => loadGrammar(await load())));
  const { linkKind, linkKindNames } = await import('./link/kinds/index.js');
  await Promise.all(linkKindNames.map((name) => linkKind(name)));
  await Promise.all([
    import('./batch.js'),
    import('../shared/hosts.js'),
    import('./namespace-list.js'),
    import('./link/statistics.js'),
    import('./netns/host-namespaces.js'),
    import('./route/flush-cache.js'),
    import('../../netlink/rtnl/netconf.js'),
    import('../../netlink/rtnl/prefix.js'),
    import('../../netlink/rtnl/stats.js'),
    import('./stats/offload.js'),
  ]);
}
