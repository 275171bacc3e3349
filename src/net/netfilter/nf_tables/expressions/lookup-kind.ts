import type { ExpressionKind } from '../expression.js';

/** Kinds of expressions by name: registry.ts fills it when it is first asked, so that kinds may hold expressions themselves. */
const byName = new Map<string, ExpressionKind>();

export function registerKinds(kinds: readonly ExpressionKind[]): void {
  for (const kind of kinds) byName.set(kind.of.name, kind);
}

export const expressionOf = (name: string): ExpressionKind | undefined => byName.get(name);
