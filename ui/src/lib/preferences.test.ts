import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_PREFERENCES, PreferenceStore, readPreferences } from './preferences';
import { themeOf } from './use-theme';

describe('readPreferences', () => {
  it.each([null, '', 'rubbish', '[]', '7', 'null', '"x"'])('takes the defaults for %j', (raw) => {
    expect(readPreferences(raw)).toEqual(DEFAULT_PREFERENCES);
  });

  it('keeps what is right and replaces what is not', () => {
    const kept = {
      theme: 'light',
      fontSize: 1e9,
      font: 'constructor',
      tabSize: 5,
      keys: 'vim',
      autocomplete: 'no',
      wrap: true,
      more: 1,
    };
    expect(readPreferences(JSON.stringify(kept))).toEqual({
      ...DEFAULT_PREFERENCES,
      theme: 'light',
      keys: 'vim',
      wrap: true,
    });
  });
});

describe('PreferenceStore', () => {
  it('remembers a change and tells who listens', () => {
    const store = new PreferenceStore();
    const heard = vi.fn();
    store.subscribe(heard);
    store.change({ fontSize: 18 });
    expect(heard).toHaveBeenCalledOnce();
    expect(store.getSnapshot().fontSize).toBe(18);
    expect(new PreferenceStore().getSnapshot().fontSize).toBe(18);
  });

  it('follows a change of another tab', () => {
    const store = new PreferenceStore();
    const newValue = JSON.stringify({ theme: 'contrast' });
    window.dispatchEvent(new StorageEvent('storage', { key: 'parley:preferences', newValue }));
    expect(store.getSnapshot().theme).toBe('contrast');
  });

  it('works for as long as the page is open where storage is forbidden', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    const store = new PreferenceStore();
    store.change({ keys: 'emacs' });
    expect(store.getSnapshot().keys).toBe('emacs');
  });
});

describe('themeOf', () => {
  const system =
    (...wants: string[]) =>
    (query: string) =>
      wants.some((want) => query.includes(want));
  it('follows the choice, else the system', () => {
    expect(themeOf('light', system('more'))).toBe('light');
    expect(themeOf('system', system())).toBe('dark');
    expect(themeOf('system', system('light'))).toBe('light');
    expect(themeOf('system', system('light', 'more'))).toBe('contrast');
  });
});
