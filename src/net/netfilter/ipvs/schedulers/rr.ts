import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';

/** Round robin: one after the other, whatever their weights. */
export const rr: Scheduler = {
  name: 'rr',
  start(service) {
    /** Whose turn it was; null: the list begins anew. */
    let last: Destination | null = null;
    return {
      choose() {
        const { destinations } = service;
        const from = last === null ? -1 : destinations.indexOf(last);
        for (let step = 1; step <= destinations.length; step++) {
          const server = destinations[(from + step) % destinations.length]!;
          if (server.unavailable) continue;
          last = server;
          return server;
        }
        return null;
      },
      changed(gone, index) {
        // Those behind it are next.
        if (gone !== undefined && gone === last) last = service.destinations[index! - 1] ?? null;
      },
    };
  },
};
