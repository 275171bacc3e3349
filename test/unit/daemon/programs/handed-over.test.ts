import { HandedOver } from '../../../../src/daemon/programs/handed-over.js';

describe('what a program has been handed and may not have read', () => {
  test('is told by the memory that the kernel still holds for it', () => {
    const handed = new HandedOver();
    handed.add(1000, 2304);
    handed.add(500, 1280);
    expect(handed.takeRead(3584)).toBe(0);
    expect(handed.takeRead(1280)).toBe(1000);
    expect(handed.bytes).toBe(500);
    expect(handed.takeRead(0)).toBe(500);
    expect(handed.bytes).toBe(0);
  });

  test('counts as unread as long as a part of it is', () => {
    const handed = new HandedOver();
    handed.add(60_000, 70_000);
    expect(handed.takeRead(20_000)).toBe(0);
    expect(handed.takeRead(0)).toBe(60_000);
  });

  test('has room up to a bound', () => {
    const handed = new HandedOver();
    for (let i = 0; handed.hasRoom; i++) {
      expect(i).toBeLessThan(200);
      handed.add(1, 2000);
    }
    handed.takeRead(0);
    expect(handed.hasRoom).toBe(true);
  });
});
