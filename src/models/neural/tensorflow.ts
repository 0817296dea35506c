import type * as TensorFlow from '@tensorflow/tfjs';
import { MissingPeerError, TwinergyError } from '../../core/errors.js';

/** TensorFlow.js as it was loaded. */
export type Tf = typeof TensorFlow;

/** Where TensorFlow.js computes. */
export type BackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

/** The files of the WebAssembly backend. */
export type WasmFile =
  | 'tfjs-backend-wasm.wasm'
  | 'tfjs-backend-wasm-simd.wasm'
  | 'tfjs-backend-wasm-threaded-simd.wasm';

/** How TensorFlow.js is got hold of. */
export interface BackendOptions {
  /** The backend. Default: of those that the runtime has, the one that does a training step fastest. */
  readonly backend?: BackendName;
  /** Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are, for pages: their folder, or the address of each. */
  readonly wasmPaths?: string | Readonly<Partial<Record<WasmFile, string>>>;
}

/** Loads TensorFlow.js. @throws MissingPeerError */
export async function loadTensorFlow(): Promise<Tf> {
  try {
    return await import('@tensorflow/tfjs');
  } catch (error) {
    throw new MissingPeerError('@tensorflow/tfjs', 'Training a neural network', error);
  }
}

/** The backends that this runtime has, after the optional WebAssembly one was asked for. */
export async function availableBackends(tf: Tf, { backend, wasmPaths }: BackendOptions): Promise<BackendName[]> {
  if (backend === undefined || backend === 'wasm') {
    try {
      const wasm = await import('@tensorflow/tfjs-backend-wasm');
      if (wasmPaths !== undefined) wasm.setWasmPaths(wasmPaths);
    } catch (error) {
      if (backend === 'wasm') {
        throw new MissingPeerError('@tensorflow/tfjs-backend-wasm', 'The backend "wasm"', error);
      }
    }
  }
  const wanted: readonly BackendName[] = backend === undefined ? ['webgpu', 'webgl', 'wasm', 'cpu'] : [backend];
  const found: BackendName[] = [];
  for (const name of wanted) {
    // A page has a cpu backend in any case; it is worth a try only where nothing faster is.
    if (name === 'cpu' && found.length > 0) continue;
    if (tf.engine().registryFactory[name] === undefined) continue;
    try {
      if (await tf.setBackend(name)) found.push(name);
    } catch {
      // Registered, but not able to start here, as WebGL without a graphics card.
    }
  }
  if (found.length === 0) {
    throw new TwinergyError('NEURAL_NO_BACKEND', `TensorFlow.js has no backend ${wanted.join(', ')} here.`, {
      path: 'backend',
      value: backend,
    });
  }
  return found;
}
