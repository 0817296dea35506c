import { Canvas } from '@react-three/fiber';
import { tokenColor } from '@twinergy-examples/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Color } from 'three';
import { type Theme, useTheme } from '../shell/theme.js';
import { settings } from './quality.js';
import { Camera } from './scene/camera.js';
import { Buildings, Cabinets, Ground, Rows } from './scene/fixtures.js';
import { Labels } from './scene/labels.js';
import { Modules } from './scene/modules.js';
import { Pace } from './scene/pace.js';
import { Rim } from './scene/rim.js';
import { Sheets } from './scene/sheets.js';
import { SunLight } from './scene/sun-light.js';
import type { SceneView } from './view.js';

/** The plant in space. A chunk of its own, because three.js is heavy. */
export default function Scene(view: SceneView) {
  const { layout, bases, quality, chosen, placed, onChoose, onLost } = view;
  const { theme } = useTheme();
  const palette = usePalette(theme);
  const holder = useRef<HTMLDivElement>(null);
  const [smooth] = useState(quality !== 'low');
  const { pixels, shadow } = settings[quality];
  const Body = quality === 'low' ? Sheets : Modules;
  const { low, high } = layout.bounds;
  const reach = Math.hypot(high[0] - low[0], high[2] - low[2]) + 20;
  const marked = [...new Set([...(chosen === undefined ? [] : [chosen]), ...placed.at.keys()])];
  return (
    <div className="twin-space">
      <Canvas
        flat
        frameloop="demand"
        dpr={Math.min(devicePixelRatio, pixels)}
        shadows={shadow > 0}
        gl={{ antialias: smooth, powerPreference: 'low-power' }}
        camera={{ fov: 40, near: 0.5, far: 5000 }}
        onPointerMissed={() => onChoose(undefined)}
        onCreated={({ gl }) => gl.domElement.addEventListener('webglcontextlost', onLost)}
        tabIndex={-1}
      >
        <color attach="background" args={[palette.sky]} />
        {quality !== 'low' && <fog attach="fog" args={[palette.sky, 2 * reach, 7 * reach]} />}
        <Camera layout={layout} plant={view.plant} chosen={chosen} />
        <Pace {...view} />
        <SunLight {...view} palette={palette} />
        <Ground layout={layout} palette={palette} shaded={shadow > 0} />
        <Buildings layout={layout} palette={palette} />
        {quality !== 'low' && <Rows layout={layout} palette={palette} />}
        {bases.map((basis, a) => (
          <Body key={view.plant.arrays[a]?.id} {...{ view, basis, array: a }} />
        ))}
        <Cabinets {...view} />
        {marked.map((id) => (
          <Rim
            key={id}
            {...{ view, id }}
            colour={
              id === chosen ? palette.accent : (palette[placed.at.get(id)?.[0]?.state ?? 'high'] ?? palette.accent)
            }
            pulses={placed.at.has(id)}
          />
        ))}
        <Labels view={view} holder={holder} />
      </Canvas>
      <div ref={holder} className="twin-labels" />
    </div>
  );
}

/** Colours of the scene, from the tokens. */
export interface Palette {
  readonly sky: string;
  readonly ground: string;
  readonly line: string;
  readonly wall: string;
  readonly accent: string;
  readonly sun: string;
  readonly critical: string;
  readonly high: string;
  readonly medium: string;
  readonly low: string;
}

const mixed = (one: string, other: string, share: number) =>
  `#${new Color(one).lerp(new Color(other), share).getHexString()}`;

const read = (): Palette => {
  const token = (name: string) => tokenColor(`--${name}`);
  return {
    sky: token('surface'),
    ground: mixed(token('surface-sunken'), token('text-faint'), 0.16),
    line: token('text-faint'),
    wall: mixed(token('line'), token('text-faint'), 0.3),
    accent: token('accent'),
    sun: token('sun'),
    critical: token('critical'),
    high: token('high'),
    medium: token('medium'),
    low: token('low'),
  };
};

function usePalette(theme: Theme): Palette {
  const [system, setSystem] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const listen = () => setSystem(query.matches);
    query.addEventListener('change', listen);
    return () => query.removeEventListener('change', listen);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tokens change with them.
  return useMemo(read, [theme, system]);
}
