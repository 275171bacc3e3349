import type { ConnectionKey } from './connection-table.js';

/** Templates of calls: they are found by the client's address and the call's name (ip_vs_pe_sip.c). There are few. */
export class Calls {
  readonly #byName = new Map<string, number>();
  readonly #byTemplate = new Map<number, { readonly callId: string; readonly name: string }>();

  /** The template of a call to the key's virtual address; 0: there is none. Linux: ip_vs_sip_ct_match() */
  find(key: ConnectionKey, callId: string): number {
    return this.#byName.get(nameOf(key, callId)) ?? 0;
  }

  remember(key: ConnectionKey, callId: string, template: number): void {
    const name = nameOf(key, callId);
    const before = this.#byName.get(name);
    if (before !== undefined) this.#byTemplate.delete(before);
    this.#byName.set(name, template);
    this.#byTemplate.set(template, { callId, name });
  }

  /** The name of a template's call; empty: it is of none. */
  callIdOf(template: number): string {
    return this.#byTemplate.get(template)?.callId ?? '';
  }

  forget(template: number): void {
    const known = this.#byTemplate.get(template);
    if (known === undefined) return;
    this.#byTemplate.delete(template);
    this.#byName.delete(known.name);
  }
}

const nameOf = ({ family, protocol, client, virtual, virtualPort }: ConnectionKey, callId: string): string =>
  `${family} ${protocol} ${client.join('.')} ${virtual.join('.')} ${virtualPort} ${callId}`;
