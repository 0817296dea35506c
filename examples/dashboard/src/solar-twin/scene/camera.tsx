import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useRef } from 'react';
import { PerspectiveCamera, Vector3 } from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import type { Layout } from '../layout.js';
import type { PlantShape } from '../plant-shape.js';
import { useReducedMotion } from '../use-reduced-motion.js';

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
    const goal =
      part === undefined
        ? whole(layout, plant.site.latitude)
        : { middle: new Vector3(...part.center), radius: 1.6 * part.radius + 2 };
    const half = Math.atan(Math.tan((camera.fov * Math.PI) / 360) * Math.min(1, size.width / size.height));
    const way =
      part === undefined || !there.current
        ? overview(plant.site.latitude)
        : camera.position.clone().sub(controls.current.target).normalize();
    const to = {
      position: goal.middle.clone().addScaledVector(way, goal.radius / Math.sin(half)),
      target: goal.middle,
    };
    controls.current.maxDistance = 12 * (goal.radius + 20);
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

function whole({ bounds }: Layout, latitude: number) {
  const low = new Vector3(...bounds.low);
  const high = new Vector3(...bounds.high);
  const middle = low.clone().add(high).multiplyScalar(0.5);
  const way = overview(latitude);
  // Seen at a slant, the depth of the ground takes less of the picture than its width.
  const depth = (high.z - low.z) * Math.abs(way.y);
  return { middle, radius: 0.56 * Math.hypot(high.x - low.x, depth, high.y - low.y) + 1 };
}
