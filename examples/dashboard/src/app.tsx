import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { LiveProvider } from './data/live.js';
import { isSignedOut, problemText, queryClient } from './data/query.js';
import { SessionProvider, useMe } from './data/session.js';
import { SpeechProvider } from './i18n/index.js';
import { Overview } from './pages/overview.js';
import { SignIn } from './pages/sign-in.js';
import { Boundary } from './parts/boundary.js';
import { Empty, Skeleton } from './parts/states.js';
import { PlantFrame } from './shell/plant-frame.js';
import { Shell } from './shell/shell.js';
import { ThemeProvider } from './shell/theme.js';
import { ToastProvider } from './shell/toast.js';

// Each page is a chunk of its own; the 3D one is the heaviest and comes only when it is opened.
const Now = lazy(() => import('./pages/now.js'));
const SolarTwin = lazy(() => import('./pages/solar-twin.js'));
const LineGraph = lazy(() => import('./pages/line-graph.js'));
const PredictiveTab = lazy(() => import('./pages/predictive-tab.js'));
const Alerts = lazy(() => import('./pages/alerts.js'));
const Maintenance = lazy(() => import('./pages/maintenance.js'));
const Settings = lazy(() => import('./pages/settings.js'));

/** The dashboard. */
export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <SpeechProvider>
        <ThemeProvider>
          <ToastProvider>
            <Session />
          </ToastProvider>
        </ThemeProvider>
      </SpeechProvider>
    </QueryClientProvider>
  );
}

function Session() {
  // Another page begins anew.
  const [location] = useLocation();
  const me = useMe();
  if (me.data !== undefined) {
    return (
      <SessionProvider value={me.data}>
        <LiveProvider>
          <Shell>
            <Boundary key={location}>
              <Suspense fallback={<Skeleton height={400} />}>
                <Pages />
              </Suspense>
            </Boundary>
          </Shell>
        </LiveProvider>
      </SessionProvider>
    );
  }
  if (me.error !== null && !isSignedOut(me.error)) {
    return (
      <main className="alone">
        <Empty text={problemText(me.error)} onRetry={() => void me.refetch()} />
      </main>
    );
  }
  return me.isPending ? <Skeleton height={400} /> : <SignIn />;
}

function Pages() {
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/plants/:id/:page?">
        {({ id, page = 'now' }) => (
          <PlantFrame id={id} page={page}>
            {page === 'now' && <Now id={id} />}
            {page === 'place' && <SolarTwin id={id} />}
            {page === 'charts' && <LineGraph id={id} />}
            {page === 'ahead' && <PredictiveTab id={id} />}
          </PlantFrame>
        )}
      </Route>
      <Route path="/alerts/:id?">{({ id }) => <Alerts id={id} />}</Route>
      <Route path="/maintenance" component={Maintenance} />
      <Route path="/settings/:part?">{({ part }) => <Settings part={part} />}</Route>
      <Route>
        <Redirect to="/" />
      </Route>
    </Switch>
  );
}
