/**
 * Makes a function that compiles an embedded WebAssembly module once, when it is first asked for.
 * @param base64 the module's bytes
 * @returns the module, or null where the runtime has no WebAssembly with SIMD, or forbids to compile
 */
export function embeddedModule(base64: string): () => WebAssembly.Module | null {
  let module: WebAssembly.Module | null | undefined;
  return () => {
    if (module === undefined) {
      try {
        const binary = atob(base64);
        module = new WebAssembly.Module(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
      } catch {
        module = null;
      }
    }
    return module;
  };
}
