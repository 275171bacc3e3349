/** The `nft` command, for launchers, the command worker and in-process instances. */
export { nft as command } from './nft.js';
export const preload = async (): Promise<void> => {
  await import('./monitor.js');
};
