import { useEffect } from 'react';
import { calm } from '../../../lib/calm';
import { isLight, kitOf } from '../sandbox/kits';
import type { SandboxHost } from '../sandbox/sandbox-host';

/** Wait before warming up a runtime: the editor and the document come first. */
const WARM_UP_MS = 2_500;

/**
 * useWarmRuntime loads the sandbox and the runtime of a language in quiet moments, so that Run
 * answers at once.
 */
export function useWarmRuntime(host: SandboxHost | undefined, language: string): void {
  useEffect(() => {
    // The frame is made when the page is calm, or before that by a run.
    if (host) void calm.then(() => host.open());
  }, [host]);

  useEffect(() => {
    const kit = kitOf(language);
    // Heavy languages are loaded when somebody presses Run, with a progress bar.
    if (!host || !kit || !isLight(kit)) return undefined;
    const timer = setTimeout(() => void host.prepare(kit).catch(() => undefined), WARM_UP_MS);
    return () => clearTimeout(timer);
  }, [host, language]);
}
