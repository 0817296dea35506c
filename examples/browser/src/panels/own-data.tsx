/** Placeholder until the report is there. */
export default function OwnData() {
  return null;
}
