import type { CallAction, Expression, Field } from './ast.js';
import type { Scanner } from './scanner.js';

/** `[...T] name(args) = result [ERRNO (text)] [(text)]` */
export function parseCall(scanner: Scanner): CallAction {
  const endUs = scanner.takes('...') ? scanner.time() : null;
  const name = scanner.word('a packet, system call, command or code');
  scanner.wants('(');
  const args = parseList(scanner, ')');
  scanner.wants('=');
  const result = parseExpression(scanner);
  // An errno stands on the line of the result, where no event can begin.
  const errno = scanner.match(/E[A-Z0-9]+\b/y)?.[0] ?? null;
  skipNote(scanner);
  return { kind: 'call', endUs, name, args, result, errno };
}

/** "(Resource temporarily unavailable)", "(flags O_RDWR|O_NONBLOCK)": for the reader alone. */
function skipNote(scanner: Scanner): void {
  scanner.match(/\([^()]*\)/y);
}

/** Expressions up to `close`, which is taken. */
function parseList(scanner: Scanner, close: string): Expression[] {
  const items: Expression[] = [];
  if (scanner.takes(close)) return items;
  do items.push(parseExpression(scanner));
  while (scanner.takes(','));
  scanner.wants(close);
  return items;
}

export function parseExpression(scanner: Scanner): Expression {
  let left = parseOne(scanner);
  while (scanner.takes('|')) left = { kind: 'or', left, right: parseOne(scanner) };
  return left;
}

function parseOne(scanner: Scanner): Expression {
  if (scanner.takes('...')) return { kind: 'ellipsis' };
  if (scanner.takes('[')) return { kind: 'list', items: parseList(scanner, ']') };
  if (scanner.takes('{')) return { kind: 'struct', fields: parseFields(scanner) };
  if (scanner.sees('"')) return parseStrings(scanner);
  const hex = scanner.match(/0x[0-9a-fA-F]+/y);
  if (hex !== null) return { kind: 'integer', value: Number(hex[0]), hex: true };
  const decimal = scanner.match(/-?\d+(?![\w.])/y);
  if (decimal !== null) return { kind: 'integer', value: Number(decimal[0]), hex: false };
  scanner.skip();
  return parseWord(scanner);
}

function parseWord(scanner: Scanner): Expression {
  const name = scanner.word('an expression');
  if (/^".*"$/.test(name)) return { kind: 'string', text: unescaped(name.slice(1, -1)) };
  if (/^-?\d+$/.test(name)) return { kind: 'integer', value: Number(name), hex: false };
  if (/^0x[0-9a-fA-F]+$/.test(name)) return { kind: 'integer', value: Number(name), hex: true };
  if (scanner.sees('(')) {
    scanner.wants('(');
    return { kind: 'call', name, args: parseList(scanner, ')') };
  }
  if (scanner.sees('=') && !scanner.sees('==')) {
    scanner.wants('=');
    return { kind: 'assign', name, value: parseExpression(scanner) };
  }
  return { kind: 'word', name };
}

/** Strings beside each other are one; `"..."...` says that only the beginning is told. */
function parseStrings(scanner: Scanner): Expression {
  let text = '';
  while (scanner.sees('"')) text += unescaped(scanner.quoted('"'));
  scanner.takes('...');
  return { kind: 'string', text };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', f: '\f', v: '\v', a: '\x07', b: '\b' };

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_whole, code: string) => {
    if (/^x[0-9a-fA-F]/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]+$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return escapes[code] ?? code;
  });
}

function parseFields(scanner: Scanner): Field[] {
  const fields: Field[] = [];
  if (scanner.takes('}')) return fields;
  do fields.push(parseField(scanner));
  while (scanner.takes(','));
  scanner.wants('}');
  return fields;
}

function parseField(scanner: Scanner): Field {
  const start = scanner.at;
  const named = scanner.match(/[A-Za-z_]\w*/y);
  if (named !== null) {
    const [name] = named;
    let arg: Expression | null = null;
    const beforeArg = scanner.at;
    if (scanner.takes('(')) {
      arg = scanner.sees(')') ? null : parseExpression(scanner);
      if (!scanner.takes(')') || !scanner.sees('=')) {
        scanner.at = beforeArg;
        arg = null;
      }
    }
    if (scanner.sees('=') && !scanner.sees('==')) {
      scanner.wants('=');
      return { name, arg, value: parseExpression(scanner) };
    }
  }
  scanner.at = start;
  return { name: null, arg: null, value: parseExpression(scanner) };
}
