export { command, preload } from './index.js';
