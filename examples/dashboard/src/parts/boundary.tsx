import { Component, type ReactNode } from 'react';
import { problemText } from '../data/query.js';
import { Empty } from './states.js';

/** Holds a page that can't be shown (its code did not arrive, or it failed): the rest of the screen stays, and one can try again. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    // A part of the code that did not arrive is asked for anew only by a new page.
    return <Empty text={problemText(error)} onRetry={() => location.reload()} />;
  }
}
