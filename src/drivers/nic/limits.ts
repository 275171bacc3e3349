/** Most channels that a NIC may have. */
export const MOST_CHANNELS = 8;
/** Frames of a ring: most, fewest, and as it comes. */
export const LONGEST_RING = 4096;
export const SHORTEST_RING = 16;
export const USUAL_RING = 256;
/** Frames that one turn takes in at most, whatever the ring: others want their turn too. */
export const MOST_A_TURN = 256;
