let known: { readonly renderer: string | undefined } | undefined;

/** What draws WebGL here, by its own name; undefined where nothing does. */
export function webglRenderer(): string | undefined {
  known ??= { renderer: probe() };
  return known.renderer;
}

function probe(): string | undefined {
  const context = document.createElement('canvas').getContext('webgl2');
  if (context === null) return undefined;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = context.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return String(name);
}
