import type { Namespace } from './namespace.js';

/**
 * The namespace whose conf.all and conf.default a new one begins with; null: it has them as they are built in.
 * net.core.devconf_inherit_init_net says which: 0 what each protocol does by itself (`usual`), 1 the first namespace, 2 none,
 * 3 that of who makes it.
 */
export function settingsSource(namespace: Namespace, usual: 'first' | 'built'): Namespace | null {
  const { stack } = namespace;
  const first = stack.namespaces.get(0);
  if (first === undefined || first === namespace) return null;
  switch (stack.settings.devconfInheritInitNet) {
    case 1:
      return first;
    case 2:
      return null;
    case 3:
      return namespace.creator ?? first;
    default:
      return usual === 'first' ? first : null;
  }
}
