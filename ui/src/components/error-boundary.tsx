import { Component, type ReactNode } from 'react';

export interface ErrorBoundaryProps {
  /** What is shown instead, or what makes it from what was thrown. */
  fallback: ReactNode | ((error: unknown) => ReactNode);
  children: ReactNode;
}

/**
 * ErrorBoundary shows the fallback when something below it fails while rendering, and nothing else
 * breaks.
 */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { failed: boolean; error?: unknown }> {
  override state: { failed: boolean; error?: unknown } = { failed: false };

  static getDerivedStateFromError(error: unknown): { failed: boolean; error?: unknown } {
    return { failed: true, error };
  }

  override render(): ReactNode {
    const { fallback, children } = this.props;
    if (!this.state.failed) return children;
    return typeof fallback === 'function' ? fallback(this.state.error) : fallback;
  }
}
