import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useRef } from 'react';
import { PerspectiveCamera, Vector3 } from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { distanceToSee } from '../frame.js';
import type { Bounds, Component, Layout } from '../layout.js';
import type { PlantShape } from '../plant-shape.js';
import { useReducedMotion } from '../use-reduced-motion.js';

/** Share of the picture that is filled. */
const FILLED = 0.98;
/** How long a flight takes, s. */
const FLIGHT = 0.6;

/** Turned by mouse and fingers; flies to the chosen part, and back to the whole plant. */
export function Camera({
  layout,
  plant,
  chosen,
}: {
  readonly layout: Layout;
  readonly plant: PlantShape;
  readonly chosen: string | undefined;
}) {
  const { camera, gl, invalidate, size } = useThree();
  const still = useReducedMotion();
  const controls = useRef<OrbitControls>(undefined);
  const flight = useRef<Flight>(undefined);
  const there = useRef(false);

  useEffect(() => {
    const made = new OrbitControls(camera, gl.domElement);
    made.maxPolarAngle = 1.52;
    made.minDistance = 3;
    made.zoomToCursor = true;
    const draw = () => invalidate();
    made.addEventListener('change', draw);
    made.addEventListener('start', () => {
      flight.current = undefined;
    });
    controls.current = made;
    there.current = false;
    return () => made.dispose();
  }, [camera, gl, invalidate]);

  useEffect(() => {
    if (controls.current === undefined || !(camera instanceof PerspectiveCamera)) return;
    const part = layout.components.find(({ id }) => id === chosen);
    const up = Math.tan((camera.fov * Math.PI) / 360) * FILLED;
    const way =
      part === undefined || !there.current
        ? overview(plant.site.latitude)
        : camera.position.clone().sub(controls.current.target).normalize();
    const space = part === undefined ? layout.bounds : around(part);
    const middle = middleOf(space);
    const far = distanceToSee(space, [way.x, way.y, way.z], [(up * size.width) / size.height, up]);
    const to = { position: middle.clone().addScaledVector(way, far), target: middle };
    controls.current.maxDistance = 6 * distanceToSee(layout.bounds, [way.x, way.y, way.z], [up, up]);
    if (still || !there.current) {
      camera.position.copy(to.position);
      controls.current.target.copy(to.target);
      controls.current.update();
    } else {
      const from = { position: camera.position.clone(), target: controls.current.target.clone() };
      flight.current = { from, to, passed: 0 };
    }
    there.current = true;
    invalidate();
  }, [camera, invalidate, layout, plant, chosen, still, size.width, size.height]);

  useFrame((_, passes) => {
    const flown = flight.current;
    if (flown === undefined || controls.current === undefined) return;
    flown.passed += Math.min(0.1, passes);
    const t = Math.min(1, flown.passed / FLIGHT);
    const eased = t * t * (3 - 2 * t);
    camera.position.lerpVectors(flown.from.position, flown.to.position, eased);
    controls.current.target.lerpVectors(flown.from.target, flown.to.target, eased);
    controls.current.update();
    if (t >= 1) flight.current = undefined;
    else invalidate();
  });
  return null;
}

interface Flight {
  readonly from: { readonly position: Vector3; readonly target: Vector3 };
  readonly to: { readonly position: Vector3; readonly target: Vector3 };
  passed: number;
}

/** From the side of the equator, where modules look, somewhat from the east. */
function overview(latitude: number): Vector3 {
  return new Vector3(0.45, 0.62, latitude >= 0 ? 1 : -1).normalize();
}

/** A part with what is next to it. */
function around({ center: [x, y, z], radius }: Component): Bounds {
  const room = 1.1 * radius + 1.5;
  return { low: [x - room, y - room / 2, z - room], high: [x + room, y + room / 2, z + room] };
}

function middleOf({ low, high }: Bounds): Vector3 {
  return new Vector3(...low).add(new Vector3(...high)).multiplyScalar(0.5);
}
