import { EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';

const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** $((...)): names are variables, a missing one is 0. Throws NetError(EINVAL). */
export function evaluateArithmetic(text: string, lookup: (name: string) => string): number {
  const tokens = text.match(/0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<|>>|<=|>=|==|!=|&&|\|\||\*\*|[-+*/%<>()&|^~!?:]/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new NetError(EINVAL, `arithmetic: "${text}" is not understood`);
  };
  const binary = (level: number): number => {
    const operators = BINARY[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    while (operators.includes(tokens[at] ?? '')) {
      const operator = tokens[at++]!;
      left = apply(operator, left, binary(level + 1));
    }
    return left;
  };
  const unary = (): number => {
    const token = tokens[at++] ?? fail();
    if (token === '-') return -unary();
    if (token === '+') return unary();
    if (token === '!') return unary() === 0 ? 1 : 0;
    if (token === '~') return -unary() - 1;
    if (token === '(') {
      const value = choice();
      if (tokens[at++] !== ')') fail();
      return value;
    }
    if (/^\d/.test(token)) return Number(/^0\d/.test(token) ? Number.parseInt(token, 8) : token);
    if (/^\w/.test(token)) return Number(lookup(token) || 0);
    return fail();
  };
  const choice = (): number => {
    const test = binary(0);
    if (tokens[at] !== '?') return test;
    at++;
    const then = choice();
    if (tokens[at++] !== ':') fail();
    const otherwise = choice();
    return test !== 0 ? then : otherwise;
  };
  const value = choice();
  return at === tokens.length && Number.isFinite(value) ? value : fail();
}

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return Math.trunc(a / b);
    case '%':
      return a % b;
    case '<<':
      return a * 2 ** b;
    case '>>':
      return Math.floor(a / 2 ** b);
    case '&':
      return Number(BigInt(a) & BigInt(b));
    case '|':
      return Number(BigInt(a) | BigInt(b));
    case '^':
      return Number(BigInt(a) ^ BigInt(b));
    case '&&':
      return a !== 0 && b !== 0 ? 1 : 0;
    case '||':
      return a !== 0 || b !== 0 ? 1 : 0;
    case '==':
      return a === b ? 1 : 0;
    case '!=':
      return a !== b ? 1 : 0;
    case '<':
      return a < b ? 1 : 0;
    case '>':
      return a > b ? 1 : 0;
    case '<=':
      return a <= b ? 1 : 0;
    default:
      return a >= b ? 1 : 0;
  }
}
