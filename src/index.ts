export * from './core/index.js';
export * from './models/index.js';
