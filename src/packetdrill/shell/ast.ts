/** A shell script as a tree: the part of POSIX shell, and of bash, that helper scripts of tests are written in. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly operator: string; readonly word: Word | null; readonly quoted: boolean }
  | { readonly kind: 'substitution'; readonly script: string; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly text: string; readonly quoted: boolean };

export type Word = readonly Part[];

export interface Redirect {
  readonly descriptor: number;
  readonly operator: '<' | '>' | '>>' | '>&' | '&>' | '<<<' | '<<';
  readonly target: Word;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
}

export type Node =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly Assignment[];
      readonly words: readonly Word[];
      readonly redirects: readonly Redirect[];
    }
  | { readonly kind: 'pipeline'; readonly negated: boolean; readonly parts: readonly Node[] }
  | { readonly kind: 'list'; readonly first: Node; readonly rest: readonly { readonly operator: ';' | '&&' | '||'; readonly node: Node }[] }
  | { readonly kind: 'group'; readonly body: Node; readonly redirects: readonly Redirect[]; readonly subshell: boolean }
  | { readonly kind: 'if'; readonly test: Node; readonly then: Node; readonly otherwise: Node | null }
  | { readonly kind: 'while'; readonly test: Node; readonly body: Node; readonly until: boolean }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[] | null; readonly body: Node }
  | {
      readonly kind: 'case';
      readonly word: Word;
      readonly branches: readonly { readonly patterns: readonly Word[]; readonly body: Node | null }[];
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: Node };
