/** SolarTwin: the plant in 3D. */
export default function SolarTwin(_: { readonly id: string }) {
  return null;
}
