import type { SelectorExpr } from '../ast.js';
import { ct } from './ct.js';
import { exthdr } from './exthdr.js';
import { fib } from './fib.js';
import { hash } from './hash.js';
import { meta } from './meta.js';
import { numgen } from './numgen.js';
import { osf } from './osf.js';
import { payload } from './payload.js';
import { rt } from './rt.js';
import type { SelectorKind } from './selector.js';
import { socket } from './socket.js';
import { xfrm } from './xfrm.js';

/** All kinds; a new one is one file and one line here. A function: kinds and this file refer to each other. */
const all = () => [payload, exthdr, meta, ct, rt, socket, osf, fib, numgen, hash, xfrm] as unknown as readonly SelectorKind<SelectorExpr>[];

interface Tables {
  readonly byKind: ReadonlyMap<string, SelectorKind<SelectorExpr>>;
  /** Of words that two kinds begin with, the later is meant. */
  readonly byWord: ReadonlyMap<string, SelectorKind<SelectorExpr>>;
  readonly byJson: ReadonlyMap<string, SelectorKind<SelectorExpr>>;
  readonly byTypeof: ReadonlyMap<number, SelectorKind<SelectorExpr>>;
}
let made: Tables | null = null;

function tables(): Tables {
  made ??= {
    byKind: new Map(all().map((kind) => [kind.kind, kind])),
    byWord: new Map(all().flatMap((kind) => kind.words.map((word) => [word, kind] as const))),
    byJson: new Map(all().flatMap((kind) => kind.jsonNames.map((name) => [name, kind] as const))),
    byTypeof: new Map(all().flatMap((kind) => (kind.typeof === undefined ? [] : [[kind.typeof.id, kind] as const]))),
  };
  return made;
}

export const selectorOf = (e: SelectorExpr): SelectorKind<SelectorExpr> => tables().byKind.get(e.kind)!;
export const selectorByWord = (word: string) => tables().byWord.get(word);
export const selectorByJson = (name: string) => tables().byJson.get(name);
export const selectorByTypeof = (id: number) => tables().byTypeof.get(id);
export const isSelector = (e: { readonly kind: string }): e is SelectorExpr => tables().byKind.has(e.kind);
