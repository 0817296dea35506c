export { client } from './generated/client.gen.js';
export * from './generated/index.js';
export { type LiveEvent, type LiveOptions, LiveStream } from './live.js';
