import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { binary, outDir } from './paths';

export function setup(): void {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run make build`);
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
}
