import { TypeScriptWorker } from 'monaco-editor/languages/features/typescript/tsWorker.js';
import { expect, it } from 'vitest';
import { tolerant } from './tolerant-service';
import { compilerOptions } from './typescript-options';

class Failing {
  readonly name = 'failing';
  getSyntacticDiagnostics(): Promise<unknown[]> {
    return Promise.reject(new RangeError('Maximum call stack size exceeded'));
  }
  doValidation(): unknown[] {
    throw new RangeError('Maximum call stack size exceeded');
  }
  getQuickInfoAtPosition(): Promise<string> {
    return Promise.reject(new Error('no'));
  }
  getEmitOutput(): Promise<string> {
    return Promise.reject(new Error('not translated'));
  }
  format(text: string): string {
    return `${this.name} ${text}`;
  }
}

it('answers as the service does', async () => {
  expect(await tolerant(new Failing()).format('x')).toBe('failing x');
  expect(tolerant(new Failing()).name).toBe('failing');
});

it('has no marks and no answer where the service fails', async () => {
  const service = tolerant(new Failing());
  expect(await service.getSyntacticDiagnostics()).toEqual([]);
  expect(await service.doValidation()).toEqual([]);
  expect(await service.getQuickInfoAtPosition()).toBeNull();
});

it('says why a program is not translated', async () => {
  await expect(tolerant(new Failing()).getEmitOutput()).rejects.toThrow('not translated');
});

it('keeps a text without marks that TypeScript cannot parse', { timeout: 60_000 }, async () => {
  const uri = 'file:///deep.ts';
  const model = {
    uri: { path: '/deep.ts', toString: () => uri },
    version: 1,
    getValue: () => '('.repeat(600_000),
  };
  const worker = new TypeScriptWorker(
    { getMirrorModels: () => [model] },
    { compilerOptions: compilerOptions(false), extraLibs: {} },
  );
  await expect(worker.getSyntacticDiagnostics(uri)).rejects.toThrow(RangeError);
  expect(await tolerant(worker).getSyntacticDiagnostics(uri)).toEqual([]);
});
