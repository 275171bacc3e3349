/** Times of a bridge are kept as netlink has them: in clock ticks of 10 ms. */
export const CENTISECOND_US = 10_000;
