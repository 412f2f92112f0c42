import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const swaggerDir = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const { version } = JSON.parse(readFileSync(join(swaggerDir, 'package.json'), 'utf8')) as { version: string };

/** The version in the path lets browsers keep Swagger UI for ever. */
const SWAGGER_UI = `/vendor/swagger-ui-${version}/`;

/** Files of the package, and what they are called in the build; its licences go with it. */
const VENDORED: Record<string, string> = {
  'swagger-ui-bundle.js': 'swagger-ui-bundle.js',
  'swagger-ui.css': 'swagger-ui.css',
  'swagger-ui-bundle.js.LICENSE.txt': 'swagger-ui-bundle.js.LICENSE.txt',
  LICENSE: 'LICENSE.txt',
  NOTICE: 'NOTICE.txt',
};

/** Our own part of the page, which the server shows at /docs. */
const PAGE = ['index.html', 'init.js', 'page.css'];

/** apiDocs puts the page of the API into the build: ours under /docs, Swagger UI under /vendor. */
export function apiDocs(): Plugin {
  return {
    name: 'parley-api-docs',
    apply: 'build',
    generateBundle() {
      for (const [from, to] of Object.entries(VENDORED)) {
        const source = withoutSourceMap(from, readFileSync(join(swaggerDir, from)));
        this.emitFile({ type: 'asset', fileName: SWAGGER_UI.slice(1) + to, source });
      }
      for (const name of PAGE) {
        const text = readFileSync(new URL(`api-docs/${name}`, import.meta.url), 'utf8');
        this.emitFile({
          type: 'asset',
          fileName: `docs/${name}`,
          source: text.replaceAll('%SWAGGER_UI%', SWAGGER_UI),
        });
      }
    },
  };
}

/** The maps are larger than what they explain and stay out; so does the line that asks for one. */
function withoutSourceMap(name: string, data: Buffer): string | Buffer {
  if (!/\.(js|css)$/.test(name)) return data;
  return data.toString('utf8').replace(/\n(\/\/|\/\*)# sourceMappingURL=.*\s*$/, '\n');
}
