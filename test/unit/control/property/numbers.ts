/** Namespaces are known by their numbers in the stack: the one that is looked at, and one beside it, which links come from and go to. */
export const INITIAL = 0;
export const OTHER = 1;
