import { describe, expect, it } from 'vitest';
import { neededWheels, type Lock } from './wheels';

describe('neededWheels', () => {
  const lock: Lock = {
    numpy: { file_name: 'numpy-2.whl', imports: ['numpy'], depends: [] },
    pandas: { file_name: 'pandas-3.whl', imports: ['pandas'], depends: ['numpy', 'pytz'] },
    pytz: { file_name: 'pytz-1.whl', imports: ['pytz'], depends: [] },
  };

  it('finds what a program imports, what that needs, and only what is there', () => {
    const there = new Set(['numpy-2.whl', 'pandas-3.whl', 'own-1.0-py3-none-any.whl']);
    const needed = (source: string) => neededWheels([source], lock, there).sort();
    expect(needed('import os\nprint(1)')).toEqual([]);
    expect(needed('import numpy as np')).toEqual(['numpy-2.whl']);
    expect(needed('def f():\n    from pandas.api import x')).toEqual(['numpy-2.whl', 'pandas-3.whl']);
    expect(needed('import sys, own')).toEqual(['own-1.0-py3-none-any.whl']);
    expect(needed('# import numpy\nx = "numpy"')).toEqual([]);
  });
});
