// Zephyr, MIT's notices.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const typeWords: Words = {
  0: 'unsafe',
  1: 'unacked',
  2: 'acked',
  3: 'hm-ack',
  4: 'hm-ctl',
  5: 'serv-ack',
  6: 'serv-nak',
  7: 'client-ack',
  8: 'stat',
};

const ACKNOWLEDGMENT = 5;

/** Strings that follow each other, each with a zero byte behind it. */
class Strings {
  readonly #d: Dissector;
  #at: number;
  #left: number;

  constructor(d: Dissector, at: number, length: number) {
    this.#d = d;
    this.#at = at;
    this.#left = length;
  }

  /** The next; null: there is no whole one. */
  next(): string | null {
    let text = '';
    for (; this.#left > 0; ) {
      const byte = this.#d.u8(this.#at++);
      this.#left--;
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
    return null;
  }
}

function show(d: Dissector, before: string, text: string): void {
  d.put(before);
  for (const letter of text) d.char(letter.charCodeAt(0));
}

const lower = (text: string) => text.slice(0, 255).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const triple = (kind: string, instance: string, recipient: string) =>
  `<${kind},${instance},${recipient === '' ? '*' : recipient}>`.slice(0, 255);

function zephyr(d: Dissector, at: number, length: number): void {
  d.protocol = 'zephyr';
  const strings = new Strings(d, at, length);
  const version = strings.next();
  if (version === null) return d.invalid();
  if (!version.startsWith('ZEPH')) return;
  const fields = Array.from({ length: 16 }, () => strings.next());
  if (fields.includes(null)) return d.invalid();
  const [, kindText, , , , , , group, instance, operation, sender, recipient] = fields as string[];
  d.put(' zephyr');
  if (!version.startsWith('0.2', 4)) return show(d, ' v', version.slice(4));
  const kind = Number.parseInt(kindText!, 16) || 0;
  d.put(` ${word(typeWords, kind, (n) => `type ${n}`)}`);
  if (kind === ACKNOWLEDGMENT) {
    const answer = strings.next();
    if (answer !== null && answer !== 'SENT') show(d, '/', lower(answer));
  }
  if (sender !== '') show(d, ' ', sender!);
  if (known(d, strings, kind, group!, instance!, operation!)) return;
  show(d, ' to ', triple(group!, instance!, recipient!));
  if (operation !== '') show(d, ' op ', operation!);
}

const clientOperations: Readonly<Record<string, string>> = { GIMME: ' ret', GIMMEDEFS: ' gimme-defs', CLEARSUB: ' clear-subs' };
const realmOperations: Readonly<Record<string, string>> = {
  ADD_SUBSCRIBE: ' realm add-subs',
  REQ_SUBSCRIBE: ' realm req-subs',
  RLM_SUBSCRIBE: ' realm rlm-sub',
  RLM_UNSUBSCRIBE: ' realm rlm-unsub',
};
const exposures = ['NONE', 'OPSTAFF', 'REALM-VISIBLE', 'REALM-ANNOUNCED', 'NET-VISIBLE', 'NET-ANNOUNCED'];

/** Notices of Zephyr's own classes; false: it is another. */
function known(d: Dissector, strings: Strings, kind: number, group: string, instance: string, operation: string): boolean {
  switch (group) {
    case 'USER_LOCATE':
      if (operation === 'USER_HIDE') d.put(' hide');
      else if (operation === 'USER_UNHIDE') d.put(' unhide');
      else show(d, ' locate ', instance);
      return true;
    case 'ZEPHYR_ADMIN':
      show(d, ' zephyr-admin ', lower(operation));
      return true;
    case 'ZEPHYR_CTL':
      if (instance === 'CLIENT') client(d, strings, kind, operation);
      else if (instance === 'HM') show(d, ' ', lower(operation));
      else if (instance === 'REALM') d.put(realmOperations[operation] ?? '');
      else return false;
      return true;
    case 'HM_CTL':
    case 'WG_CTL':
      show(d, group === 'HM_CTL' ? ' hm_ctl ' : ' wg_ctl ', lower(instance));
      show(d, ' ', lower(operation));
      return true;
    case 'HM_STAT':
      if (instance !== 'HMST_CLIENT' || operation !== 'GIMMESTATS') return false;
      d.put(' get-client-stats');
      return true;
    case 'LOGIN':
      if (operation === 'USER_FLUSH') d.put(' flush_locs');
      else if (exposures.includes(operation)) show(d, ' set-exposure ', lower(operation));
      else return false;
      return true;
    default:
      return false;
  }
}

function client(d: Dissector, strings: Strings, kind: number, operation: string): void {
  if (!['SUBSCRIBE', 'SUBSCRIBE_NODEFS', 'UNSUBSCRIBE'].includes(operation)) {
    const text = clientOperations[operation];
    if (text === undefined) show(d, ' ', lower(operation));
    else d.put(text);
    return;
  }
  d.put(` ${operation === 'SUBSCRIBE' ? '' : 'un'}sub${operation === 'SUBSCRIBE_NODEFS' ? '-nodefs' : ''}`);
  if (kind === ACKNOWLEDGMENT) return;
  const [group, instance, recipient] = [strings.next(), strings.next(), strings.next()];
  if (group !== null && instance !== null && recipient !== null) show(d, ' ', triple(group, instance, recipient));
}

export const zephyrPort: PortPrinter = { ports: [2103, 2104], print: zephyr };
