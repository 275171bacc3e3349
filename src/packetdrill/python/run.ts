import { type Callable, Float, type Node, type Statement, Tuple, type Value } from './ast.js';
import { attribute, builtins, math } from './builtins.js';
import { parsePython } from './parse.js';
import { PythonError } from './python-error.js';
import { compare, equal, format, isNumber, items, numeric, repr, text, truth, typeName } from './values.js';

/** How many statements a snippet may run: a loop without end is told. */
const STEP_LIMIT = 5_000_000;

class Return {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

type Flow = 'break' | 'continue' | Return | null;

/** The Python of one script: its snippets one after the other, names kept from one to the next. */
export class Python {
  readonly names = new Map<string, Value>();
  readonly #print: (line: string) => void;
  readonly #builtins: ReadonlyMap<string, Value>;
  #line = 1;
  #steps = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
    this.#builtins = builtins(() => this.#line);
    this.names.set('math', math);
  }

  /** Runs a snippet. Throws PythonError: a syntax that is not understood, an assert that does not hold. */
  run(source: string): void {
    this.#block(parsePython(source), [this.names]);
  }

  #fail(kind: string, what: string): never {
    throw new PythonError(kind, what, this.#line);
  }

  #block(statements: readonly Statement[], scopes: readonly Map<string, Value>[]): Flow {
    for (const statement of statements) {
      const flow = this.#statement(statement, scopes);
      if (flow !== null) return flow;
    }
    return null;
  }

  #statement(statement: Statement, scopes: readonly Map<string, Value>[]): Flow {
    this.#line = statement.line;
    if (++this.#steps > STEP_LIMIT) this.#fail('RuntimeError', 'the code does not end');
    switch (statement.kind) {
      case 'expression':
        this.#evaluate(statement.value, scopes);
        return null;
      case 'assign': {
        const value = this.#evaluate(statement.value, scopes);
        for (const target of statement.targets) this.#assign(target, value, scopes);
        return null;
      }
      case 'augment': {
        const value = this.#binary(statement.operator, this.#evaluate(statement.target, scopes), this.#evaluate(statement.value, scopes));
        this.#assign(statement.target, value, scopes);
        return null;
      }
      case 'assert':
        if (!truth(this.#evaluate(statement.test, scopes)))
          this.#fail('AssertionError', statement.message === null ? '' : text(this.#evaluate(statement.message, scopes)));
        return null;
      case 'print':
        this.#print(statement.values.map((value) => text(this.#evaluate(value, scopes))).join(' '));
        return null;
      case 'if':
        return this.#block(truth(this.#evaluate(statement.test, scopes)) ? statement.body : statement.otherwise, scopes);
      case 'while':
        while (truth(this.#evaluate(statement.test, scopes))) {
          const flow = this.#block(statement.body, scopes);
          if (flow === 'break') break;
          if (flow instanceof Return) return flow;
          if (++this.#steps > STEP_LIMIT) this.#fail('RuntimeError', 'the code does not end');
        }
        return null;
      case 'for':
        for (const item of items(this.#evaluate(statement.over, scopes), this.#line)) {
          this.#assign(statement.target, item, scopes);
          const flow = this.#block(statement.body, scopes);
          if (flow === 'break') break;
          if (flow instanceof Return) return flow;
        }
        return null;
      case 'def':
        scopes[0]!.set(statement.name, this.#function(statement, scopes));
        return null;
      case 'return':
        return new Return(statement.value === null ? null : this.#evaluate(statement.value, scopes));
      case 'raise':
        return this.#fail('Exception', statement.value === null ? '' : text(this.#evaluate(statement.value, scopes)));
      case 'break':
      case 'continue':
        return statement.kind;
      default:
        return null;
    }
  }

  #function(statement: Statement & { kind: 'def' }, scopes: readonly Map<string, Value>[]): Callable {
    return (args) => {
      const own = new Map<string, Value>();
      statement.parameters.forEach(({ name, fallback }, i) => {
        const value = args[i] ?? (fallback === null ? undefined : this.#evaluate(fallback, scopes));
        if (value === undefined) this.#fail('TypeError', `${statement.name}() missing argument: '${name}'`);
        own.set(name, value);
      });
      const flow = this.#block(statement.body, [own, ...scopes]);
      return flow instanceof Return ? flow.value : null;
    };
  }

  #assign(target: Node, value: Value, scopes: readonly Map<string, Value>[]): void {
    if (target.kind === 'name') scopes[0]!.set(target.name, value);
    else if (target.kind === 'tuple' || target.kind === 'list') {
      const parts = items(value, this.#line);
      if (parts.length !== target.items.length) this.#fail('ValueError', 'wrong number of values to unpack');
      for (const [i, item] of target.items.entries()) this.#assign(item, parts[i]!, scopes);
    } else if (target.kind === 'index') {
      const holder = this.#evaluate(target.value, scopes);
      const at = this.#evaluate(target.at, scopes);
      if (holder instanceof Map) holder.set(at as string | number, value);
      else if (Array.isArray(holder) && isNumber(at)) holder[numeric(at)] = value;
      else this.#fail('TypeError', `'${typeName(holder)}' object does not support item assignment`);
    } else this.#fail('SyntaxError', 'cannot assign to expression');
  }

  #evaluate(node: Node, scopes: readonly Map<string, Value>[]): Value {
    const value = (inner: Node) => this.#evaluate(inner, scopes);
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'name':
        return this.#lookup(node.name, scopes);
      case 'tuple':
        return new Tuple(node.items.map(value));
      case 'list':
      case 'set':
        return node.items.map(value);
      case 'dict':
        return new Map(node.entries.map(([key, one]) => [value(key) as string | number, value(one)]));
      case 'and':
      case 'or': {
        const left = value(node.left);
        return truth(left) === (node.kind === 'and') ? value(node.right) : left;
      }
      case 'choice':
        return truth(value(node.test)) ? value(node.then) : value(node.otherwise);
      case 'compare':
        return this.#compare(node, scopes);
      case 'unary':
        return this.#unary(node.operator, value(node.value));
      case 'binary':
        return this.#binary(node.operator, value(node.left), value(node.right));
      case 'attribute':
        return attribute(value(node.value), node.name, this.#line);
      case 'index':
        return this.#index(value(node.value), node.at, scopes);
      case 'call':
        return this.#call(node, scopes);
      case 'comprehension': {
        const results: Value[] = [];
        for (const item of items(value(node.over), this.#line)) {
          this.#assign(node.target, item, scopes);
          if (node.condition === null || truth(value(node.condition))) results.push(value(node.item));
        }
        return results;
      }
      default:
        return this.#fail('SyntaxError', 'invalid syntax');
    }
  }

  #lookup(name: string, scopes: readonly Map<string, Value>[]): Value {
    for (const scope of scopes) {
      const found = scope.get(name);
      if (found !== undefined) return found;
    }
    const builtin = this.#builtins.get(name);
    return builtin ?? this.#fail('NameError', `name '${name}' is not defined`);
  }

  #call(node: Node & { kind: 'call' }, scopes: readonly Map<string, Value>[]): Value {
    const args = node.args.map((arg) => this.#evaluate(arg, scopes));
    if (node.callee.kind === 'name' && node.callee.name === 'print') {
      const separator = node.named.find(([name]) => name === 'sep');
      this.#print(args.map(text).join(separator === undefined ? ' ' : text(this.#evaluate(separator[1], scopes))));
      return null;
    }
    const callee = this.#evaluate(node.callee, scopes);
    if (typeof callee !== 'function') return this.#fail('TypeError', `'${typeName(callee)}' object is not callable`);
    const { line } = { line: this.#line };
    const result = callee([...args, ...node.named.map(([, arg]) => this.#evaluate(arg, scopes))]);
    this.#line = line;
    return result;
  }

  #compare(node: Node & { kind: 'compare' }, scopes: readonly Map<string, Value>[]): boolean {
    let left = this.#evaluate(node.first, scopes);
    for (const { operator, value } of node.rest) {
      const right = this.#evaluate(value, scopes);
      if (!this.#holds(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  #holds(operator: string, left: Value, right: Value): boolean {
    switch (operator) {
      case '==':
      case 'is':
        return equal(left, right);
      case '!=':
      case '<>':
      case 'is not':
        return !equal(left, right);
      case 'in':
      case 'not in': {
        const inside =
          typeof right === 'string' && typeof left === 'string'
            ? right.includes(left)
            : items(right, this.#line).some((item) => equal(item, left));
        return inside === (operator === 'in');
      }
      case '<':
        return compare(left, right, operator, this.#line) < 0;
      case '<=':
        return compare(left, right, operator, this.#line) <= 0;
      case '>':
        return compare(left, right, operator, this.#line) > 0;
      default:
        return compare(left, right, operator, this.#line) >= 0;
    }
  }

  #unary(operator: string, value: Value): Value {
    if (operator === 'not') return !truth(value);
    if (!isNumber(value)) return this.#fail('TypeError', `bad operand type for unary ${operator}: '${typeName(value)}'`);
    const number = numeric(value);
    if (operator === '~') return Number(~BigInt(number));
    const signed = operator === '-' ? -number : number;
    return value instanceof Float ? new Float(signed) : signed;
  }

  #binary(operator: string, left: Value, right: Value): Value {
    if (operator === '%' && typeof left === 'string') return format(left, right instanceof Tuple ? right.items : [right], this.#line);
    if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
    if (operator === '+' && Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
    if (operator === '*' && typeof left === 'string' && isNumber(right)) return left.repeat(Math.max(0, numeric(right)));
    if (!isNumber(left) || !isNumber(right))
      return this.#fail('TypeError', `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
    const result = this.#arithmetic(operator, numeric(left), numeric(right));
    const real = operator === '/' || left instanceof Float || right instanceof Float || (operator === '**' && numeric(right) < 0);
    return real ? new Float(result) : result;
  }

  #arithmetic(operator: string, a: number, b: number): number {
    const bits = (combine: (x: bigint, y: bigint) => bigint) => Number(combine(BigInt(a), BigInt(b)));
    if ((operator === '/' || operator === '//' || operator === '%') && b === 0) this.#fail('ZeroDivisionError', 'division by zero');
    switch (operator) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return a / b;
      case '//':
        return Math.floor(a / b);
      case '%':
        return a - Math.floor(a / b) * b;
      case '**':
        return a ** b;
      case '&':
        return bits((x, y) => x & y);
      case '|':
        return bits((x, y) => x | y);
      case '^':
        return bits((x, y) => x ^ y);
      case '<<':
        return bits((x, y) => x << y);
      default:
        return bits((x, y) => x >> y);
    }
  }

  #index(holder: Value, at: Node, scopes: readonly Map<string, Value>[]): Value {
    if (at.kind === 'slice') {
      const all = items(holder, this.#line);
      const bound = (node: Node | null) => (node === null ? undefined : numeric(this.#evaluate(node, scopes) as number));
      const part = all.slice(bound(at.from) ?? 0, bound(at.to));
      if (typeof holder === 'string') return part.map(text).join('');
      return holder instanceof Tuple ? new Tuple(part) : [...part];
    }
    const key = this.#evaluate(at, scopes);
    if (holder instanceof Map) return holder.get(key as string | number) ?? this.#fail('KeyError', repr(key));
    if (!isNumber(key)) return this.#fail('TypeError', 'indices must be integers');
    const all = items(holder, this.#line);
    const index = numeric(key) < 0 ? all.length + numeric(key) : numeric(key);
    return all[index] ?? this.#fail('IndexError', `${typeName(holder)} index out of range`);
  }
}
