import { loadVerb } from '../../../../src/commands/ip/object.js';
import { objects } from '../../../../src/commands/ip/registry.js';

test.each(objects.map(({ name, load }) => [name, load] as const))(
  'the verbs of "ip %s" are found by the names they have',
  async (_name, load) => {
    for (const verb of (await load()).verbs) {
      const { names, hidden } = await loadVerb(verb);
      expect([verb.names, verb.hidden ?? []]).toEqual([names, hidden ?? []]);
    }
  },
);
