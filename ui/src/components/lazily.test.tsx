import { render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { ErrorBoundary } from './error-boundary';
import { lazily } from './lazily';

const Hello = ({ name }: { name: string }) => <p>hello {name}</p>;

describe('lazily', () => {
  it('shows the placeholder until the component is there', async () => {
    const { Component } = lazily(async () => Hello, <p>one moment</p>);
    render(<Component name="Ada" />);
    expect(screen.getByText('one moment')).toBeTruthy();
    expect(await screen.findByText('hello Ada')).toBeTruthy();
    expect(screen.queryByText('one moment')).toBeNull();
  });

  it('draws at once what was loaded before, and loads it once', async () => {
    const load = vi.fn(async () => Hello);
    const { Component, preload } = lazily(load, <p>one moment</p>);
    preload();
    await vi.waitFor(() => expect(load).toHaveBeenCalled());
    await Promise.resolve();
    render(<Component name="Ada" />);
    expect(screen.getByText('hello Ada')).toBeTruthy();
    render(<Component name="Bob" />);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('gives a failed download to the error boundary, and tries again for the next one', async () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    const load = vi.fn(async () => Hello).mockRejectedValueOnce(new Error('gone'));
    const { Component } = lazily(load);
    render(
      <ErrorBoundary fallback={<p>failed</p>}>
        <Component name="Ada" />
      </ErrorBoundary>,
    );
    expect(await screen.findByText('failed')).toBeTruthy();
    render(<Component name="Bob" />);
    expect(await screen.findByText('hello Bob')).toBeTruthy();
  });
});
