// The official inspector on the command line, strict about schemas, over both transports and in both eras.

import assert from 'node:assert/strict';

import { World, run } from './world.mjs';

const program = 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js';

export async function inspector({ journal }) {
  await World.use(journal, inspect);
}

async function inspect(world) {
  const server = await world.serve();
  const { command, args, env } = world.stdio;
  const targets = {
    stdio: [command, ...args, ...Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])],
    http: ['--transport', 'http', '--server-url', server.url, '--header', `Authorization: Bearer ${server.token}`],
  };
  for (const [transport, target] of Object.entries(targets)) {
    for (const era of ['legacy', 'modern']) {
      const ask = async (method, ...more) => {
        const line = [program, '--cli', ...target, '--protocol-era', era, '--format', 'json', '--method', method, ...more];
        const { stdout, stderr } = await run(process.execPath, line, { env: world.env });
        assert.doesNotMatch(stderr, /warning|error/i, `${method} over ${transport}, ${era}: ${stderr}`);
        return JSON.parse(stdout).result;
      };
      const { tools } = await ask('tools/list', '--strict');
      const thought = { thought: `By ${transport} and ${era}`, thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false };
      const call = ['--tool-name', 'sequentialthinking', '--tool-args-json', JSON.stringify(thought)];
      const { structuredContent: answer, isError } = await ask('tools/call', ...call);
      assert.ok(!isError && answer.thoughtHistoryLength === 1, JSON.stringify(answer));
      const { contents } = await ask('resources/read', '--uri', `journal://session/${answer.session_note_id}`);
      assert.ok(contents[0].text.includes(thought.thought), JSON.stringify(contents));
      const { resourceTemplates } = await ask('resources/templates/list');
      const { prompts } = await ask('prompts/list');
      console.log(`${transport}, ${era}: ${tools.length} tools, ${resourceTemplates.length} templates, ${prompts.length} prompts`);
    }
  }
}
