// The official conformance suite, at both revisions, against `journal serve` and against the same transport with the suite's
// fixtures. What may fail is in expected/, with its reason; what is listed there and holds is a failure too.

import fs from 'node:fs';
import path from 'node:path';

import { withToken } from './proxy.mjs';
import { World, run } from './world.mjs';

const suite = 'node_modules/@modelcontextprotocol/conformance/dist/index.js';

export async function conformance({ journal, fixtures }) {
  const failed = [];
  await World.use(journal, async (world) => {
    const servers = { journal: await world.serve(), fixtures: await world.serveFixtures(fixtures) };
    for (const [name, server] of Object.entries(servers)) {
      const proxy = await withToken(server);
      for (const revision of ['2025-11-25', '2026-07-28']) {
        const args = [suite, 'server', '--url', proxy.url, '--suite', 'all', '--spec-version', revision];
        args.push('--expected-failures', `expected/${name}-${revision}.yml`);
        const results = path.join(world.folder, `${name}-${revision}`);
        args.push('--output-dir', results);
        try {
          const { stdout } = await run(process.execPath, args);
          console.log(`${name}, ${revision}: ${stdout.match(/^Total: .*$/m)[0]}`);
        } catch (error) {
          const verdict = error.message.slice(error.message.indexOf('=== SUMMARY'));
          failed.push([`${name}, ${revision}`, ...complaints(results), verdict].join('\n'));
        }
      }
      proxy.close();
    }
  });
  if (failed.length > 0) throw new Error(failed.join('\n\n'));
}

// What did not hold, expected or not, from the files that the suite leaves.
function complaints(results) {
  return fs.readdirSync(results).flatMap((scenario) => {
    const checks = JSON.parse(fs.readFileSync(path.join(results, scenario, 'checks.json'), 'utf8'));
    const bad = checks.filter(({ status }) => ['FAILURE', 'WARNING'].includes(status));
    return bad.map(({ id, errorMessage }) => `${scenario}: ${id}: ${errorMessage ?? 'a warning'}`);
  });
}
