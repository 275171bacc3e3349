import type { Ipvs } from '../ipvs.js';
import { APPLICATION } from '../layout.js';

/** The bits of the word that are the application's number. */
export const NUMBER = 0xff;

/** What an application remembers of a connection, a small number. */
export const memoryOf = (ipvs: Ipvs, id: number): number => ipvs.connections.table.get(id, APPLICATION) >>> 8;

export function remember(ipvs: Ipvs, id: number, value: number): void {
  const { table } = ipvs.connections;
  table.set(id, APPLICATION, (table.get(id, APPLICATION) & NUMBER) | (value << 8));
}
