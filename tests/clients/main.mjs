// Runs the parts one after the other and says how each ended: `node main.mjs JOURNAL FIXTURES PYTHON [PART…]`.

import { conformance } from './conformance.mjs';
import { documents } from './documents.mjs';
import { inspector } from './inspector.mjs';
import { python, typescript } from './stories.mjs';

const parts = { conformance, inspector, typescript, python, documents };
const [journal, fixtures, interpreter, ...asked] = process.argv.slice(2);
const unknown = asked.filter((part) => !(part in parts));
if (unknown.length > 0) {
  throw new Error(`there is no part \`${unknown}\`; there are: ${Object.keys(parts).join(', ')}`);
}

const failed = [];
for (const part of asked.length > 0 ? asked : Object.keys(parts)) {
  const began = Date.now();
  try {
    await parts[part]({ journal, fixtures, interpreter });
  } catch (error) {
    console.error(error);
    failed.push(part);
  }
  console.log(`==> ${part} ${failed.includes(part) ? 'failed' : 'held'} (${Math.round((Date.now() - began) / 1000)}s)`);
}
process.exitCode = failed.length > 0 ? 1 : 0;
