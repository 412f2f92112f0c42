import { useEffect } from 'react';
import type { RunRequest } from '../../features/run/control/run-request';
import { wheelsFor } from '../../features/run/sandbox/wheels';

/** Part of the editor's chunk, which a browser that runs a program has loaded already. */
const loadCompiler = () => import('../../features/editor/emit-typescript');

/** preparationOf gives the work that a program needs before it can run; undefined: none. */
export function preparationOf({ language, name }: RunRequest['file']): RunRequest['prepare'] {
  if (language === 'typescript') {
    return async (_code, files) => (await loadCompiler()).emitTypeScript(name, files);
  }
  if (language === 'python') {
    return async (code, files) => ({ code, wheels: await wheelsFor([code, ...Object.values(files)]) });
  }
  return undefined;
}

/** Wait before warming up the compiler, in milliseconds: the editor and the document come first. */
const WARM_UP_MS = 2_500;

/**
 * useWarmCompiler has TypeScript's compiler read its libraries, which takes seconds, before anybody
 * presses Run.
 */
export function useWarmCompiler(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return undefined;
    const warm = async () => (await loadCompiler()).warmTypeScript();
    const timer = setTimeout(() => void warm().catch(() => undefined), WARM_UP_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
}
