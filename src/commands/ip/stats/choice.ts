import type { Cursor } from '../../shared/cursor.js';
import { fatal } from '../../shared/failure.js';
import { type Suite, suites } from './suites.js';

const levels = ['group', 'subgroup', 'suite'] as const;

const wrong = (text: string) => fatal(`Error: ${text}`, 22);

/** What `group`, `subgroup` and `suite` choose: each word narrows the one above it that was said last. */
export class Choice {
  #path: string[] = [];
  readonly #chosen: string[][] = [];

  /** Takes the value of `level`; false: the word is none of the levels. */
  take(word: string, cursor: Cursor): boolean {
    const level = levels.findIndex((name) => name === word);
    if (level < 0) return false;
    this.#choose(level, cursor.next());
    return true;
  }

  #choose(level: number, name: string): void {
    const above = this.#path.slice(0, level);
    if (above.length < level) throw wrong(`${levels[level]} ${name} requested without selecting a ${levels[above.length]} first`);
    const below = suites.filter(({ path }) => above.every((part, index) => path[index] === part));
    if (level > 0 && below.every(({ path }) => path.length === level))
      throw wrong(`${levels[level]} ${name} requested inside leaf ${levels[level - 1]} ${above[level - 1]}`);
    if (!below.some(({ path }) => path[level] === name))
      throw wrong(`no ${levels[level]} named ${name} found inside ${above[level - 1] ?? 'top-level'}`);
    // What is narrowed is not chosen as a whole any more.
    const last = this.#chosen.at(-1);
    if (last !== undefined && last.length === above.length && last.every((part, index) => part === above[index])) this.#chosen.pop();
    this.#path = [...above, name];
    this.#chosen.push(this.#path);
  }

  /** The suites that were chosen, in the order of printing; all when nothing was. */
  get suites(): readonly Suite[] {
    if (this.#chosen.length === 0) return suites;
    return suites.filter(({ path }) => this.#chosen.some((chosen) => chosen.every((part, index) => path[index] === part)));
  }
}
