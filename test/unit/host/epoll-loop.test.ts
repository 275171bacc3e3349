import { EPOLLIN } from '../../../src/host/epoll-descriptors.js';
import { EpollLoop } from '../../../src/host/epoll-loop.js';
import { type Libc, loadLibc } from '../../../src/host/libc.js';

const EFD_CLOEXEC = 0o2000000;

/** Goes round until nothing is left to be told. */
const look = (loop: EpollLoop) => {
  let rounds = 0;
  return loop.run({
    clock: { monotonicUs: () => 0, wallUs: () => 0 },
    poll: () => {
      if (++rounds === 3) loop.stop();
      return true;
    },
    nextDeadlineUs: () => Number.POSITIVE_INFINITY,
  });
};

test('what is told of a descriptor is not told to the next that has its number', async () => {
  const libc = (await loadLibc()) as Libc;
  const loop = new EpollLoop(libc, libc.eventfd(0, EFD_CLOEXEC), () => undefined);
  const told: string[] = [];
  const [first, second] = [libc.eventfd(1, EFD_CLOEXEC), libc.eventfd(1, EFD_CLOEXEC)];
  // Whichever is told first closes the other, and its number goes to one that has nothing to tell.
  const replace = (name: string, own: number, other: number) => {
    told.push(name);
    for (const fd of [own, other]) loop.unwatch(fd);
    libc.close(other);
    expect(libc.eventfd(0, EFD_CLOEXEC)).toBe(other);
    loop.watch(other, EPOLLIN, { ready: () => told.push('the next') });
  };
  loop.watch(first, EPOLLIN, { ready: () => replace('one', first, second) });
  loop.watch(second, EPOLLIN, { ready: () => replace('one', second, first) });
  await look(loop);
  expect(told).toEqual(['one']);
  for (const fd of [first, second]) libc.close(fd);
});
