/** Ours; a test holds that it is package.json's. */
export const TAPSTACK_VERSION = '0.1.0';

/** As it stands behind the real tools' versions. */
export const TAPSTACK_VERSION_TEXT = `tapstack ${TAPSTACK_VERSION}`;
