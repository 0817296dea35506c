import { useMemo } from 'react';
import { MODULE } from './layout.js';
import { cabinetPath, outline, shadowPaths, stringPaths } from './plan-shapes.js';
import { css, NO_VALUE } from './ramp.js';
import { useWidth } from './use-width.js';
import type { View } from './view.js';

/** Shadows of a lower sun reach too far to tell anything, degrees. */
const LOWEST = 4;

/** The plant from above, as a drawing: north is up. */
export default function Plan(view: View) {
  const { layout, bases, colours, placed, chosen, onChoose, nameOf, sun } = view;
  const { frame, width } = useWidth();
  const { x, z, w, h } = windowOf(view);
  /** Metres of a pixel. */
  const pixel = w / Math.max(200, width);
  const strings = useMemo(() => stringPaths(layout, bases), [layout, bases]);
  const shade = useMemo(
    () => (sun.elevation < LOWEST ? [] : shadowPaths(layout, bases, sun.direction)),
    [layout, bases, sun],
  );
  const labels = layout.components.filter(({ id, kind }) => kind !== 'string' || id === chosen || placed.at.has(id));
  return (
    <div ref={frame} className="twin-plan">
      <svg viewBox={`${x} ${z} ${w} ${h}`} aria-hidden="true" focusable="false">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: what the mouse does here, keys do on the list of parts. */}
        <rect x={x} y={z} width={w} height={h} fill="transparent" onClick={() => onChoose(undefined)} />
        <g className="twin-shade">
          {shade.map((d) => (
            <path key={d} d={d} />
          ))}
        </g>
        {layout.buildings.map(({ eaves, ridge }) => (
          <g key={eaves[0].join()} className="twin-building" strokeWidth={pixel}>
            <path d={outline(eaves.map(([a, , b]) => [a, b]))} />
            {ridge !== undefined && <path d={`M${ridge[0][0]} ${ridge[0][2]}L${ridge[1][0]} ${ridge[1][2]}`} />}
          </g>
        ))}
        {layout.components.map(({ id, center, size }, i) => {
          const trouble = placed.at.get(id)?.[0];
          const edge = id === chosen ? 'var(--accent)' : trouble === undefined ? 'none' : `var(--${trouble.state})`;
          const d = size === undefined ? strings[i] : cabinetPath(center, size);
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: as above.
            <g key={id} className="twin-part" onClick={() => onChoose(id)}>
              {edge !== 'none' && (
                <path
                  key={edge}
                  className={trouble === undefined ? undefined : 'twin-pulse'}
                  d={d}
                  fill={edge}
                  stroke={edge}
                  strokeWidth={7 * pixel}
                  strokeLinejoin="round"
                />
              )}
              <path d={d} fill={css(colours.get(id) ?? NO_VALUE)} />
            </g>
          );
        })}
        <SunMark {...view} pixel={pixel} window={{ x, z, w }} />
        {labels.map(({ id, center, radius, kind }) => (
          <text
            key={id}
            className="twin-text"
            x={center[0]}
            y={center[2] - (kind === 'string' ? MODULE.length / 2 + 0.3 : radius)}
            fontSize={12 * pixel}
            strokeWidth={4 * pixel}
          >
            {nameOf(id)}
          </text>
        ))}
      </svg>
    </div>
  );
}

/** What of the ground is seen: all of it, or what is around the chosen part. */
function windowOf({ layout, chosen }: View) {
  const { low, high } = layout.bounds;
  const margin = 0.08 * Math.max(high[0] - low[0], high[2] - low[2]) + 2;
  const whole = {
    x: low[0] - margin,
    z: low[2] - margin,
    w: high[0] - low[0] + 2 * margin,
    h: high[2] - low[2] + 2 * margin,
  };
  const part = layout.components.find(({ id }) => id === chosen);
  if (part === undefined) return whole;
  const share = Math.min(1, Math.max(0.4, (4 * part.radius) / Math.max(whole.w, whole.h)));
  const [w, h] = [whole.w * share, whole.h * share];
  const within = (middle: number, from: number, all: number, size: number) =>
    Math.min(from + all - size, Math.max(from, middle - size / 2));
  return { x: within(part.center[0], whole.x, whole.w, w), z: within(part.center[2], whole.z, whole.h, h), w, h };
}

/** Where the sun stands and where north is. */
function SunMark({
  sun,
  north,
  pixel,
  window: { x, z, w },
}: View & { readonly pixel: number; readonly window: { x: number; z: number; w: number } }) {
  const [cx, cz] = [x + w - 44 * pixel, z + 44 * pixel];
  const flat = Math.cos((sun.elevation * Math.PI) / 180);
  const reach = 28 * pixel;
  // Distance from the middle is the angle from the zenith, as on a sky chart.
  const r = ((90 - Math.max(0, sun.elevation)) / 90) * reach;
  return (
    <g className="twin-compass" strokeWidth={pixel}>
      <circle cx={cx} cy={cz} r={reach} />
      <text x={cx} y={cz - reach - 3 * pixel} fontSize={11 * pixel}>
        {north}
      </text>
      {sun.elevation > 0 && (
        <circle
          className="twin-sun"
          cx={cx + (r * sun.direction[0]) / Math.max(1e-6, flat)}
          cy={cz + (r * sun.direction[2]) / Math.max(1e-6, flat)}
          r={5 * pixel}
        />
      )}
    </g>
  );
}
