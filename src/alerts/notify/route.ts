import { type Duration, durationMs } from '../../core/duration.js';
import { quote, TwinergyError } from '../../core/errors.js';
import type { Alert } from '../alert.js';
import { compileMatchers, type Matchers } from './matcher.js';
import { type Period, withinPeriod } from './mute.js';

/** A node of the routing tree: the first child that matches takes the alert; what no child takes stays with the node. */
export interface Route {
  /** Who is told. Default: the parent's. */
  readonly receiver?: string | undefined;
  /** What it is for. Default: everything. */
  readonly matchers?: Matchers | undefined;
  /** Alerts that agree in these labels come in one message. Default: the parent's; at the root `['asset']`. */
  readonly groupBy?: readonly string[] | undefined;
  /** Wait before the first message of a group, so that what belongs together comes together. Default 30 s. */
  readonly groupWait?: Duration | undefined;
  /** Least time between messages of a group that changed. Default 5 min. */
  readonly groupInterval?: Duration | undefined;
  /** A group that did not change is told again after so long. Default 4 h. */
  readonly repeatInterval?: Duration | undefined;
  /** The next siblings are asked too. */
  readonly continue?: boolean | undefined;
  /** Not told in this time of the day, but after it; CRITICAL always is. */
  readonly quiet?: Period | undefined;
  /** Others who are told when nobody has acknowledged for so long. */
  readonly escalate?: readonly { readonly after: Duration; readonly receiver: string }[] | undefined;
  readonly routes?: readonly Route[] | undefined;
}

/** A route with everything it inherits. */
export interface ReadyRoute {
  /** Place in the tree: `0.2.1`. */
  readonly path: string;
  readonly receiver: string;
  readonly groupBy: readonly string[];
  readonly groupWait: number;
  readonly groupInterval: number;
  readonly repeatInterval: number;
  readonly escalate: readonly { readonly after: number; readonly receiver: string }[];
  readonly isQuiet: (time: number) => boolean;
}

interface Node {
  readonly matches: (alert: Alert) => boolean;
  readonly goesOn: boolean;
  readonly ready: ReadyRoute;
  readonly children: readonly Node[];
}

/** The error of a receiver that nobody declared. */
export function unknownReceiver(name: string, path: string): TwinergyError {
  return new TwinergyError('ALERT_UNKNOWN_RECEIVER', `There is no receiver ${quote(name)}.`, { path, value: name });
}

function build(route: Route, parent: ReadyRoute | undefined, path: string, receivers: ReadonlySet<string>): Node {
  const receiver = route.receiver ?? parent?.receiver ?? '';
  const escalate = (route.escalate ?? []).map(({ after, receiver: to }) => ({
    after: durationMs(after, `${path}.escalate`),
    receiver: to,
  }));
  for (const name of [receiver, ...escalate.map((step) => step.receiver)]) {
    if (!receivers.has(name)) throw unknownReceiver(name, path);
  }
  const { quiet } = route;
  const ready: ReadyRoute = {
    path,
    receiver,
    groupBy: route.groupBy ?? parent?.groupBy ?? ['asset'],
    groupWait:
      route.groupWait === undefined
        ? (parent?.groupWait ?? 30_000)
        : route.groupWait === 0
          ? 0
          : durationMs(route.groupWait, `${path}.groupWait`),
    groupInterval: durationMs(route.groupInterval ?? parent?.groupInterval ?? '5m', `${path}.groupInterval`),
    repeatInterval: durationMs(route.repeatInterval ?? parent?.repeatInterval ?? '4h', `${path}.repeatInterval`),
    escalate: route.escalate === undefined ? (parent?.escalate ?? []) : escalate,
    isQuiet: quiet === undefined ? (parent?.isQuiet ?? (() => false)) : withinPeriod(quiet, `${path}.quiet`),
  };
  return {
    matches: compileMatchers(route.matchers ?? [], `${path}.matchers`),
    goesOn: route.continue === true,
    ready,
    children: (route.routes ?? []).map((child, k) => build(child, ready, `${path}.${k}`, receivers)),
  };
}

/** Which routes an alert takes, and all routes there are. @throws TwinergyError `ALERT_UNKNOWN_RECEIVER`, `ALERT_BAD_MATCHER` */
export function compileRoutes(
  root: Route,
  receivers: ReadonlySet<string>,
): { readonly find: (alert: Alert) => ReadyRoute[]; readonly byPath: ReadonlyMap<string, ReadyRoute> } {
  const tree = build(root, undefined, '0', receivers);
  const walk = (node: Node, alert: Alert, out: ReadyRoute[]): void => {
    const before = out.length;
    for (const child of node.children) {
      if (!child.matches(alert)) continue;
      walk(child, alert, out);
      if (!child.goesOn) break;
    }
    if (out.length === before) out.push(node.ready);
  };
  const byPath = new Map<string, ReadyRoute>();
  const list = ({ ready, children }: Node): void => {
    byPath.set(ready.path, ready);
    children.forEach(list);
  };
  list(tree);
  return {
    byPath,
    find(alert) {
      const out: ReadyRoute[] = [];
      walk(tree, alert, out);
      return out;
    },
  };
}

/** The routing tree as a Mermaid flow chart; a dashed arrow goes to who is told when nobody acknowledges. */
export function routingDiagram(root: Route): string {
  const lines = ['flowchart TD'];
  const draw = (route: Route, path: string, inherited: string): void => {
    const receiver = route.receiver ?? inherited;
    lines.push(`  r${path}["${(route.matchers ?? ['everything']).join(', ').replaceAll('"', "'")}<br/>→ ${receiver}"]`);
    route.escalate?.forEach(({ after, receiver: to }, k) => {
      lines.push(`  r${path}e${k}(["unacknowledged for ${after}<br/>→ ${to}"])`, `  r${path} -.-> r${path}e${k}`);
    });
    route.routes?.forEach((child, k) => {
      draw(child, `${path}_${k}`, receiver);
      lines.push(`  r${path} --> r${path}_${k}`);
    });
  };
  draw(root, '0', '');
  return lines.join('\n');
}
