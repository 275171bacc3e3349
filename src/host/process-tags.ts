/**
 * A number that a process carries as its soft limit of file locks (ProcessAccess.tagOf): the mark of its instance, and below it where in
 * the instance the process is.
 */
export const PLACES = 2 ** 28;

export const markOfTag = (tag: number): number => Math.floor(tag / PLACES);

/** The mark that a /proc/PID/limits shows, which anybody may read; NaN: none. */
export const markInLimits = (limits: string): number => markOfTag(Number(/^Max file locks\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN));
