/** The part of Python that scripts are written in: statements and expressions as a tree. Lines are counted from the snippet's first. */
export type Statement =
  | { readonly kind: 'expression'; readonly line: number; readonly value: Node }
  | { readonly kind: 'assign'; readonly line: number; readonly targets: readonly Node[]; readonly value: Node }
  | { readonly kind: 'augment'; readonly line: number; readonly target: Node; readonly operator: string; readonly value: Node }
  | { readonly kind: 'assert'; readonly line: number; readonly test: Node; readonly message: Node | null }
  | { readonly kind: 'print'; readonly line: number; readonly values: readonly Node[] }
  | {
      readonly kind: 'if';
      readonly line: number;
      readonly test: Node;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | { readonly kind: 'while'; readonly line: number; readonly test: Node; readonly body: readonly Statement[] }
  | { readonly kind: 'for'; readonly line: number; readonly target: Node; readonly over: Node; readonly body: readonly Statement[] }
  | {
      readonly kind: 'def';
      readonly line: number;
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'return'; readonly line: number; readonly value: Node | null }
  | { readonly kind: 'raise'; readonly line: number; readonly value: Node | null }
  | { readonly kind: 'pass' | 'break' | 'continue' | 'import'; readonly line: number };

export interface Parameter {
  readonly name: string;
  readonly fallback: Node | null;
}

export type Node =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'tuple' | 'list' | 'set'; readonly items: readonly Node[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly value: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'compare'; readonly first: Node; readonly rest: readonly { readonly operator: string; readonly value: Node }[] }
  | { readonly kind: 'choice'; readonly test: Node; readonly then: Node; readonly otherwise: Node }
  | { readonly kind: 'call'; readonly callee: Node; readonly args: readonly Node[]; readonly named: readonly (readonly [string, Node])[] }
  | { readonly kind: 'attribute'; readonly value: Node; readonly name: string }
  | { readonly kind: 'index'; readonly value: Node; readonly at: Node }
  | { readonly kind: 'slice'; readonly from: Node | null; readonly to: Node | null }
  | { readonly kind: 'comprehension'; readonly item: Node; readonly target: Node; readonly over: Node; readonly condition: Node | null };

/** A number that is a float keeps being one, as 2.0 is printed otherwise than 2. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

export type Callable = (args: readonly Value[]) => Value;

export type Value = number | Float | string | boolean | null | Value[] | Tuple | Map<string | number, Value> | Callable;
