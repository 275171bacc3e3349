import type { Stack } from '../core/stack.js';

const stacks = new WeakSet<Stack>();

/** The bridge module comes with the first bridge: before, what it alone answers is not supported. */
export const loadBridgeModule = (stack: Stack): void => {
  stacks.add(stack);
};

export const bridgeModuleLoaded = (stack: Stack): boolean => stacks.has(stack);
